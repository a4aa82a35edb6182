"""Cheapest ways over the moves that are not struck out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra

from jepa_ros.memory.landmarks import Landmarks
from jepa_ros.memory.route import Route
from jepa_ros.memory.table import NOWHERE, Table

LARGE = 20_000  # nodes from which on landmarks are worth their while
MARGIN = 1.1  # of what a way must cost at least: how much more a first search looks at
GOALS = 4  # whose ways are kept
STALE = 0.01  # share of the nodes that may have changed before ways are worked out anew
NO_WAY = -9999  # what SciPy says where nothing follows


@dataclass
class Field:
    """The cheapest way to one goal from everywhere: the periods it takes (M,), and the next node on it (M,)."""

    periods: np.ndarray
    following: np.ndarray


class Ways:
    """Finds cheapest ways through a table's moves, and keeps those to the newest goals."""

    def __init__(self, table: Table):
        self._table = table
        self._fields: OrderedDict[int, Field] = OrderedDict()
        self._changed: dict[int, set[int]] = {}
        self._landmarks: Landmarks | None = None
        self._new: set[int] = set()
        self._surveying: threading.Thread | None = None

    def change(self, node: int) -> None:
        """A move from the node became known, or cheaper."""
        for changed in (self._new, *self._changed.values()):
            changed.add(node)

    def forget(self, nodes: Sequence[int] = ()) -> None:
        """Moves have gone, and nodes: what was worked out is no longer true. Bounds by landmarks still are."""
        if self._landmarks is not None and len(nodes):
            self._landmarks.forget(np.array(nodes))
        self._fields.clear()
        self._changed.clear()

    def to_go(self, goal: int) -> np.ndarray:
        """Control periods (M,) from every node to the goal on the cheapest way; infinite where there is none."""
        return self._field(goal).periods

    def route(self, start: int, goal: int) -> Route | None:
        """The cheapest way, None where there is none."""
        landmarks = self._survey() if goal not in self._fields and len(self._table) >= LARGE else None
        if landmarks is not None:
            return self._route_within(landmarks, start, goal)
        field = self._field(goal)
        if not np.isfinite(field.periods[start]):
            return None
        nodes = [start]
        while nodes[-1] != goal:
            nodes.append(int(field.following[nodes[-1]]))
        return Route(nodes, -np.diff(field.periods[nodes]))

    def periods_among(self, start: int, nodes: np.ndarray) -> np.ndarray:
        """Control periods (K,) from one of some nodes (K,), ascending, to each on the cheapest way through no other."""
        return dijkstra(self._moves(nodes), indices=int(np.searchsorted(nodes, start)))

    def settle(self) -> None:
        """Wait until landmarks are known, where they are wanted."""
        if len(self._table) >= LARGE:
            self._survey()
        if self._surveying:
            self._surveying.join()

    def _survey(self) -> Landmarks | None:
        """The landmarks; None until they are known. A thread works them out, and anew when much has changed."""
        stale = self._landmarks is None or len(self._new) > STALE * len(self._table)
        if stale and not (self._surveying and self._surveying.is_alive()):
            self._new = set()
            nodes = np.arange(len(self._table))
            self._surveying = threading.Thread(target=self._set_up, args=(self._moves(nodes),), daemon=True)
            self._surveying.start()
        if self._landmarks is not None:
            self._landmarks.grow(len(self._table))
        return self._landmarks

    def _set_up(self, moves: csr_matrix) -> None:
        self._landmarks = Landmarks.of(moves)

    def _route_within(self, landmarks: Landmarks, start: int, goal: int) -> Route | None:
        """The cheapest way, looked for where landmarks don't rule it out.

        A way that costs no more than the bound is the cheapest of all: every node on a cheaper one was looked at.
        """
        least = landmarks.bounds(start, goal)
        bound = MARGIN * float(least[start]) + 1.0
        while True:
            nodes = np.flatnonzero(least <= bound)
            route = self._route_among(nodes, start, goal) if start in nodes and goal in nodes else None
            if len(nodes) == len(self._table) or (route is not None and route.total <= bound * (1 + 1e-5)):
                return route
            bound = route.total if route is not None else 2.0 * bound
            if len(nodes) > len(self._table) / 2:
                bound = np.inf

    def _route_among(self, nodes: np.ndarray, start: int, goal: int) -> Route | None:
        """The cheapest way through some nodes, ascending."""
        first, last = np.searchsorted(nodes, (start, goal)).tolist()
        periods, before = dijkstra(self._moves(nodes), indices=first, return_predecessors=True)
        if not np.isfinite(periods[last]):
            return None
        way = [last]
        while way[-1] != first:
            way.append(int(before[way[-1]]))
        way.reverse()
        return Route(nodes[way].tolist(), np.diff(periods[way]).astype(np.float32))

    def _moves(self, nodes: np.ndarray) -> csr_matrix:
        """The moves (K, K) among some nodes, ascending, from row to column."""
        place = np.full(len(self._table), NOWHERE)
        place[nodes] = np.arange(len(nodes))
        ends = place[self._table["ends"][nodes]]
        usable = self._usable(nodes) & (ends != NOWHERE)
        first = np.concatenate([[0], usable.sum(axis=1).cumsum()])
        return csr_matrix((self._table["periods"][nodes][usable], ends[usable], first), (len(nodes), len(nodes)))

    def _field(self, goal: int) -> Field:
        field, changed = self._fields.get(goal), self._changed.get(goal, set())
        if field is None or len(changed) > STALE * len(self._table) + 32:
            field = self._search(goal)
            self._changed[goal] = set()
        else:
            self._grow(field)
            self._relax(field, np.fromiter(changed, np.int64))
        self._fields[goal] = field
        self._fields.move_to_end(goal)
        if len(self._fields) > GOALS:
            oldest, _ = self._fields.popitem(last=False)
            del self._changed[oldest]
        return field

    def _search(self, goal: int) -> Field:
        """Dijkstra's algorithm, from the goal backwards."""
        usable = self._usable(slice(None))
        first = np.concatenate([[0], usable.sum(axis=1).cumsum()])
        size = len(self._table)
        moves = (self._table["periods"][usable], self._table["ends"][usable], first)
        periods, following = dijkstra(csc_matrix(moves, (size, size)), indices=goal, return_predecessors=True)
        return Field(periods.astype(np.float32), following)

    def _grow(self, field: Field) -> None:
        """Make room for nodes that came since."""
        fresh = len(self._table) - len(field.periods)
        if fresh:
            field.periods = np.concatenate([field.periods, np.full(fresh, np.inf, np.float32)])
            field.following = np.concatenate([field.following, np.full(fresh, NO_WAY, np.int32)])

    def _relax(self, field: Field, nodes: np.ndarray) -> None:
        """Take in what changed at these nodes, as far as it concerns themselves; what lies behind waits."""
        usable, ends = self._usable(nodes), self._table["ends"][nodes]
        for _ in range(4):
            total = np.where(usable, self._table["periods"][nodes] + field.periods[ends], np.inf)
            best = total.argmin(axis=1)
            rows = np.arange(len(nodes))
            better = total[rows, best] < field.periods[nodes]
            if not better.any():
                return
            field.periods[nodes[better]] = total[rows, best][better]
            field.following[nodes[better]] = ends[rows, best][better]

    def _usable(self, nodes: np.ndarray | slice) -> np.ndarray:
        return (self._table["ends"][nodes] != NOWHERE) & ~self._table["struck"][nodes]
