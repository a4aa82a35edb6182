import numpy as np
import pytest

from jepa_ros.memory import ways
from jepa_ros.memory.moves import Moves
from jepa_ros.memory.table import Table, row_type
from jepa_ros.memory.ways import Ways

SIZE = 60


class Graph:
    """Random moves, in a table and as a plain matrix of costs."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        table = Table(row_type(2, 1))
        table.grow(SIZE)
        self.moves, self.ways = Moves(table), Ways(table)
        self.table, self.costs = table, np.full((SIZE, SIZE), np.inf)
        for _ in range(4 * SIZE):
            self.connect()

    def connect(self) -> None:
        start, end = (int(node) for node in self.random.choice(SIZE, 2, replace=False))
        periods = float(np.float32(self.random.uniform(0.5, 3.0)))
        self.moves.experience(start, end, periods)
        self.ways.change(start)
        self.costs[start, end] = min(self.costs[start, end], periods)

    def shortest(self) -> np.ndarray:
        """Floyd and Warshall's algorithm."""
        costs = self.costs.copy()
        np.fill_diagonal(costs, 0.0)
        for middle in range(SIZE):
            costs = np.minimum(costs, costs[:, middle, None] + costs[None, middle])
        return costs


@pytest.mark.parametrize("large", [ways.LARGE, 1], ids=["searched as a whole", "bounded by landmarks"])
@pytest.mark.parametrize("seed", range(5))
def test_ways_are_the_cheapest(monkeypatch, seed, large):
    monkeypatch.setattr(ways, "LARGE", large)
    graph = Graph(seed)
    graph.ways.settle()
    shortest = graph.shortest()
    for start, goal in graph.random.integers(0, SIZE, (20, 2)):
        route = graph.ways.route(start, goal)
        np.testing.assert_allclose(graph.ways.to_go(goal), shortest[:, goal], rtol=1e-5)
        if not np.isfinite(shortest[start, goal]):
            assert route is None
            continue
        assert (route.nodes[0], route.nodes[-1]) == (start, goal)
        moves = [graph.costs[move] for move in zip(route.nodes, route.nodes[1:])]
        np.testing.assert_allclose(route.periods, moves, rtol=1e-4)
        assert route.total == pytest.approx(shortest[start, goal], rel=1e-4)


def test_a_way_around_is_found_when_a_move_is_struck_out():
    graph = Graph(0)
    start, goal = 3, 11
    before = graph.ways.route(start, goal)
    first, second = before.nodes[:2]
    graph.moves.strike_out(first, second)
    graph.ways.forget()
    graph.costs[first, second] = np.inf
    around = graph.ways.route(start, goal)
    assert around.nodes[:2] != before.nodes[:2]
    assert around.total == pytest.approx(graph.shortest()[start, goal], rel=1e-4)


def test_new_places_join_the_ways_that_are_known():
    graph = Graph(0)
    known = graph.ways.to_go(11)[3]
    graph.table.grow(SIZE + 2)
    assert not np.isfinite(graph.ways.to_go(11)[SIZE:]).any()
    for start, end in ((SIZE + 1, SIZE), (SIZE, 3)):
        graph.moves.experience(start, end, 1.0)
        graph.ways.change(start)
    np.testing.assert_allclose(graph.ways.to_go(11)[SIZE:], [known + 1.0, known + 2.0])
    assert graph.ways.route(SIZE + 1, 11).nodes[:3] == [SIZE + 1, SIZE, 3]


def test_many_changes_are_taken_in_as_a_whole():
    graph = Graph(0)
    graph.ways.to_go(11)
    for _ in range(2 * SIZE):
        graph.connect()
    np.testing.assert_allclose(graph.ways.to_go(11), graph.shortest()[:, 11], rtol=1e-5)
