"""Make room: which places go when memory is full, and what becomes of the moves that led through them.

Of the half of all places that have not been seen for longest, those go that were visited least; never one that is
pinned. A move to a place that goes and a move on from there become one, unless there is another way as short: so
whatever could be reached from another place still can be, and costs the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from jepa_ros.memory.moves import Moves
from jepa_ros.memory.table import NOWHERE, Table

ROUNDING = 1.0 + 1e-5  # of periods, which are kept as single precision


class Bridge(NamedTuple):
    """A move in place of two."""

    end: int
    periods: float
    times: int


def forget(table: Table, moves: Moves, count: int) -> tuple[list[int], set[int]]:
    """Drop up to ``count`` nodes; those that went, and those whose moves changed.

    A node stays where one before it would need more moves than it can keep.
    """
    nodes = _dispensable(table)
    gone: list[int] = []
    changed: set[int] = set()
    while len(gone) < count and len(nodes):
        part, nodes = nodes[: count - len(gone)], nodes[count - len(gone) :]
        _forget(table, moves, part.tolist(), gone, changed)
    return gone, changed.difference(gone)


def _forget(table: Table, moves: Moves, nodes: list[int], gone: list[int], changed: set[int]) -> None:
    """Drop those of the nodes that can be, and enter them in ``gone`` and those before them in ``changed``."""
    before = _before(table, nodes)
    for node in nodes:
        bridges = {start: _bridges(moves, start, node) for start in before[node]}
        if not all(moves.room(start, node) >= len(new) for start, new in bridges.items()):
            continue
        for start, new in bridges.items():
            moves.drop(start, node)
            for bridge in new:
                moves.join(start, *bridge)
                if bridge.end in before:
                    before[bridge.end].add(start)
        for end in moves.of(node).ends.tolist():
            if end in before:
                before[end].discard(node)
        table["ends"][node], table["visits"][node] = NOWHERE, 0
        gone.append(node)
        changed.update(before[node])


def _dispensable(table: Table) -> np.ndarray:
    """The nodes that may go, those that are missed least first."""
    nodes = np.flatnonzero((table["visits"] > 0) & (table["pinned"] == 0))
    stamps, visits = table["stamp"][nodes], table["visits"][nodes]
    half = (len(nodes) + 1) // 2
    oldest = np.argpartition(stamps, half - 1)[:half] if half else slice(0)
    return nodes[oldest][np.lexsort((stamps[oldest], visits[oldest]))]


def _before(table: Table, nodes: list[int]) -> dict[int, set[int]]:
    """For each node those from which a move leads to it."""
    wanted = np.zeros(len(table), bool)
    wanted[nodes] = True
    starts, slots = np.nonzero(wanted[table["ends"]] & (table["ends"] != NOWHERE))
    before: dict[int, set[int]] = {node: set() for node in nodes}
    for start, end in zip(starts.tolist(), table["ends"][starts, slots].tolist()):
        before[end].add(start)
    return before


def _bridges(moves: Moves, start: int, node: int) -> list[Bridge]:
    """What a node before one that goes needs instead of the move to it."""
    first, onward = moves.of(start), moves.of(node)
    here = first.ends == node
    if not here.any() or first.struck[here].any():
        return []
    usable = ~onward.struck & (onward.ends != start)
    ends, periods = onward.ends[usable], first.periods[here] + onward.periods[usable]
    times = np.minimum(first.times[here], onward.times[usable])
    missing = [moves.shortest(start, int(end), node) > cost * ROUNDING for end, cost in zip(ends, periods)]
    new = zip(ends[missing].tolist(), periods[missing].tolist(), times[missing].tolist())
    return [Bridge(*bridge) for bridge in new]
