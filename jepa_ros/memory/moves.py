"""The moves that are known to be possible, thought to be, or were found to be impossible."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jepa_ros.memory.table import NOWHERE, Table


class Known(NamedTuple):
    """The moves from one node, K of them: where they end, how many control periods they take, how often they were made.

    One that was made 0 times is predicted; one that is ``struck`` out proved impossible.
    """

    ends: np.ndarray
    periods: np.ndarray
    times: np.ndarray
    struck: np.ndarray


class Moves:
    """The moves of a table's nodes. Each node keeps the DEGREE best: those made most often, of these the shortest."""

    def __init__(self, table: Table):
        self._table = table

    def of(self, start: int) -> Known:
        """The moves from a node."""
        slots = self._table["ends"][start] != NOWHERE
        ends, periods, times, struck = (self._table[name][start][slots] for name in ("ends", "periods", "times", "struck"))
        return Known(ends, periods, times, struck > 0)

    def experience(self, start: int, end: int, periods: float) -> None:
        """The move was made in so many periods.

        The cheapest of all times counts: that it took longer once tells of dawdling, not of the way.
        """
        slot = self._slot(start, end)
        known = slot is not None and self._table["times"][start, slot] and not self._table["struck"][start, slot]
        if slot is None:
            slot = self._worst(start)
            self._table["times"][start, slot] = 0
        cheapest = min(periods, self._table["periods"][start, slot]) if known else periods
        self._put(start, slot, end, cheapest, self._table["times"][start, slot] + 1, 0)

    def expect(self, start: int, end: int, periods: float) -> bool:
        """The move is predicted to be possible; whether that is news. What was experienced counts more."""
        if self._slot(start, end) is not None:
            return False
        slot = self._worst(start)
        if self._table["ends"][start, slot] != NOWHERE and self._table["times"][start, slot]:
            return False
        self._put(start, slot, end, periods, 0, 0)
        return True

    def strike_out(self, start: int, end: int) -> None:
        """The move proved impossible, whether it was known before or not."""
        slot = self._slot(start, end)
        if slot is None:
            slot = self._worst(start)
            self._put(start, slot, end, np.inf, 0, 1)
        self._table["struck"][start, slot] = 1

    def forget(self, nodes: np.ndarray) -> np.ndarray:
        """Drop the moves from and to these nodes; the nodes (K,) that lost moves to them."""
        gone = np.zeros(len(self._table), bool)
        gone[nodes] = True
        lost = gone[self._table["ends"]] & (self._table["ends"] != NOWHERE)
        self._table["ends"][lost] = NOWHERE
        self._table["ends"][nodes] = NOWHERE
        return np.flatnonzero(lost.any(axis=1) & ~gone)

    def _slot(self, start: int, end: int) -> int | None:
        found = np.flatnonzero(self._table["ends"][start] == end)
        return int(found[0]) if len(found) else None

    def _worst(self, start: int) -> int:
        """A free slot, or that of the move which is missed least."""
        ends, periods, times = (self._table[name][start] for name in ("ends", "periods", "times"))
        return int(np.lexsort((-periods, times, ends != NOWHERE))[0])

    def _put(self, start: int, slot: int, end: int, periods: float, times: int, struck: int) -> None:
        for name, value in (("ends", end), ("periods", periods), ("times", times), ("struck", struck)):
            self._table[name][start, slot] = value
