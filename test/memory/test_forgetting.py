import numpy as np
import pytest
import torch

from jepa_ros.memory import Memory, Sight
from jepa_ros.memory.forgetting import forget
from jepa_ros.memory.moves import Moves
from jepa_ros.memory.table import Table, row_type
from jepa_ros.memory.ways import Ways


@pytest.fixture
def small(room):
    return Memory.apart(room, capacity=20)


def test_a_full_memory_forgets_what_was_visited_least_and_long_ago(small, sight):
    for place in range(20):
        small.remember(sight(2.0 * place, place))
    for place in (0, 2):
        small.remember(sight(2.0 * place, place + 0.5))
    small.remember(sight(100.0, 30.0))
    assert len(small) <= 20
    kept = {round(float(state[0]) / 2) for state in small.states[small.visits > 0]}
    assert {0, 2, 50} <= kept
    assert 1 not in kept


def test_numbers_stay_those_of_the_same_places(small, sight):
    numbers = {place: small.remember(sight(2.0 * place, place)) for place in range(60)}
    for place, node in numbers.items():
        if small.visits[node] and small.states[node][0] == 2.0 * place:
            assert small.locate(sight(2.0 * place).latent)[0].node == node
    assert len(set(numbers.values())) <= 20 + 1
    assert small.locate(sight(2.0 * 59).latent)[0].node == numbers[59]


def test_a_pinned_place_is_never_forgotten(small, sight):
    small.pin(small.remember(sight(0.0)))
    for place in range(1, 100):
        small.remember(sight(2.0 * place, place))
    assert small.locate(sight(0.0).latent)[0].distance == pytest.approx(0.0, abs=1e-6)


def test_a_memory_of_pinned_places_grows_rather_than_forget_one(small, sight):
    for place in range(40):
        small.pin(small.remember(sight(2.0 * place, place)))
    assert len(small) == 40


def test_a_corridor_that_is_half_forgotten_still_leads_from_end_to_end(small, sight):
    nodes = []
    for place in range(60):
        nodes.append(small.remember(sight(2.0 * place, place)))
        if place:
            small.connect(nodes[-2], nodes[-1], 1.0)
            small.connect(nodes[-1], nodes[-2], 1.0)
        small.pin(nodes[0])
    route = small.route(nodes[0], nodes[-1])
    assert route.total == pytest.approx(59.0)
    assert small.route(nodes[-1], nodes[0]).total == pytest.approx(59.0)
    assert len(route.nodes) <= 21


@pytest.mark.parametrize("seed", range(4))
def test_what_is_left_is_as_far_apart_as_before(seed):
    """Places in a room, each with moves to its neighbours; half of them go."""
    random, table = np.random.default_rng(seed), Table(row_type(2, 1))
    points = random.uniform(0.0, 10.0, (150, 2)).astype(np.float32)
    table.grow(len(points))
    table["visits"][:], table["stamp"][:] = random.integers(1, 4, 150), random.permutation(150)
    moves = Moves(table)
    for start, point in enumerate(points):
        apart = np.linalg.norm(points - point, axis=1)
        for end in np.argsort(apart)[1:7]:
            moves.experience(start, int(end), float(apart[end]))
    before = np.stack([Ways(table).to_go(goal) for goal in range(150)])
    gone = [node for _ in range(8) for node in forget(table, moves, 10)[0]]
    assert len(gone) == 80
    left = np.flatnonzero(table["visits"] > 0)
    assert sorted([*gone, *left]) == list(range(150))
    after = np.stack([Ways(table).to_go(goal) for goal in left])
    np.testing.assert_allclose(after[:, left], before[np.ix_(left, left)], rtol=1e-4)
    assert not np.isfinite(after[:, gone]).any()


def test_what_was_forgotten_is_not_in_the_file_and_its_number_is_used_again(tmp_path, room, sight):
    memory = Memory.open(tmp_path, room, capacity=20)
    for place in range(50):
        memory.remember(sight(2.0 * place, place, thumbnail=np.full((4, 4, 3), place, np.uint8)))
    memory.close()
    again = Memory.open(tmp_path, room, capacity=20)
    assert len(again) == len(memory)
    np.testing.assert_array_equal(again.visits, memory.visits)
    newest = again.locate(sight(98.0).latent)[0].node
    assert np.abs(again.thumbnail(newest).astype(int) - 49).max() < 4
    again.close()


def test_a_sight_is_told_apart_from_one_that_was_forgotten(small, room):
    latents = torch.randn(200, 1, room.architecture.latent_size, generator=torch.Generator().manual_seed(0))
    for second, latent in enumerate(latents):
        node = small.remember(Sight(latent, np.zeros(2), second))
        assert small.locate(latent)[0].node == node
