"""Cheapest ways over the moves that are not struck out."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.csgraph import dijkstra

from jepa_ros.memory.route import Route
from jepa_ros.memory.table import NOWHERE, Table

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

    def change(self, node: int) -> None:
        """A move from the node became known, or cheaper."""
        for changed in self._changed.values():
            changed.add(node)

    def forget(self) -> None:
        """Moves have gone: what was worked out is no longer true."""
        self._fields.clear()
        self._changed.clear()

    def to_go(self, goal: int) -> np.ndarray:
        """Control periods (M,) from every node to the goal on the cheapest way; infinite where there is none."""
        return self._field(goal).periods

    def route(self, start: int, goal: int) -> Route | None:
        """The cheapest way, None where there is none."""
        field = self._field(goal)
        if not np.isfinite(field.periods[start]):
            return None
        nodes = [start]
        while nodes[-1] != goal:
            nodes.append(int(field.following[nodes[-1]]))
        return Route(nodes, -np.diff(field.periods[nodes]))

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
