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

    def made(self, end: int) -> bool:
        """Whether the move to a node was made at least once."""
        return bool(self.times[self.ends == end].any())


class Moves:
    """The moves of a table's nodes. Each node keeps the DEGREE best: those made most often, of these the shortest."""

    def __init__(self, table: Table):
        self._table = table

    def of(self, start: int) -> Known:
        """The moves from a node."""
        slots = self._table["ends"][start] != NOWHERE
        ends, periods, times, struck = (
            self._table[name][start][slots] for name in ("ends", "periods", "times", "struck")
        )
        return Known(ends, periods, times, struck)

    def count(self, which: np.ndarray) -> int:
        """How many moves there are of the slots (M, DEGREE) that are asked for."""
        return int((which & (self._table["ends"] != NOWHERE)).sum())

    def those(self, which: np.ndarray) -> np.ndarray:
        """The nodes (K, 2) that moves lead from and to, of the slots (M, DEGREE) that are asked for."""
        starts, slots = np.nonzero(which & (self._table["ends"] != NOWHERE))
        return np.stack([starts, self._table["ends"][starts, slots]], axis=1)

    def ends(self, nodes: np.ndarray) -> np.ndarray:
        """Where the moves from nodes (K,) end (K, DEGREE); NOWHERE for those struck out, from nowhere, or missing."""
        usable = ~self._table["struck"][nodes] & (nodes != NOWHERE)[:, None]
        return np.where(usable, self._table["ends"][nodes], NOWHERE)

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
        self._put(start, slot, end, cheapest, self._table["times"][start, slot] + 1)

    def expect(self, start: int, end: int, periods: float) -> bool:
        """The move is predicted to be possible; whether that is news. What was experienced counts more.

        Where there is no room left, it takes the place of a longer one that was only predicted too.
        """
        if self._slot(start, end) is not None:
            return False
        slot = self._worst(start)
        longer = periods < self._table["periods"][start, slot] and not self._tried(start)[slot]
        if self._table["ends"][start, slot] != NOWHERE and not longer:
            return False
        self._put(start, slot, end, periods, 0)
        return True

    def strike_out(self, start: int, end: int) -> None:
        """The move proved impossible, whether it was known before or not."""
        slot = self._slot(start, end)
        if slot is None:
            slot = self._worst(start)
            self._put(start, slot, end, np.inf, 0)
        self._table["struck"][start, slot] = True

    def reinstate(self, start: int, end: int) -> None:
        """A move that was struck out is thought to be possible again, as it was before."""
        slot = self._slot(start, end)
        if slot is not None:
            self._table["struck"][start, slot] = False

    def join(self, start: int, end: int, periods: float, times: int) -> None:
        """Know a move from others that make it up, where it is not known to be as cheap."""
        slot = self._slot(start, end)
        self._put(start, self._worst(start) if slot is None else slot, end, periods, times)

    def drop(self, start: int, end: int) -> None:
        """Know nothing of a move any more."""
        ends = self._table["ends"][start]
        ends[ends == end] = NOWHERE

    def room(self, start: int, besides: int) -> int:
        """How many more moves a node can keep without losing one that was made, if that to ``besides`` goes."""
        ends, times = self._table["ends"][start], self._table["times"][start]
        return int(((ends == NOWHERE) | (ends == besides) | (times == 0)).sum())

    def shortest(self, start: int, end: int, avoid: int) -> float:
        """The periods of the cheapest way of one or two moves that does not lead through a node to avoid."""
        nodes = np.append(start, self.ends(np.array([start]))[0])
        first = np.append(0.0, self._table["periods"][start])
        second = np.where(self.ends(nodes) == end, self._table["periods"][nodes], np.inf).min(axis=1)
        return float((first + second)[(nodes != avoid) & (nodes != NOWHERE)].min())

    def _slot(self, start: int, end: int) -> int | None:
        found = np.flatnonzero(self._table["ends"][start] == end)
        return int(found[0]) if len(found) else None

    def _worst(self, start: int) -> int:
        """A free slot, or that of the move which is missed least; what was tried in vain, more than what never was."""
        ends, periods, times = (self._table[name][start] for name in ("ends", "periods", "times"))
        return int(np.lexsort((-periods, times, self._tried(start), ends != NOWHERE))[0])

    def _tried(self, start: int) -> np.ndarray:
        """Of which moves (DEGREE,) there is experience, good or bad."""
        return (self._table["times"][start] > 0) | self._table["struck"][start]

    def _put(self, start: int, slot: int, end: int, periods: float, times: int) -> None:
        for name, value in (("ends", end), ("periods", periods), ("times", times), ("struck", False)):
            self._table[name][start, slot] = value
