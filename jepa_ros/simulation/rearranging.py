"""Furniture that somebody has moved since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jepa_ros.simulation.free_space import FreeSpace
from jepa_ros.simulation.furnished_room import START_MARGIN
from jepa_ros.simulation.furniture import Layout, Piece

CLEAR = 0.6  # m that a moved chair keeps from start and goal
MIDDLE = (0.5, 0.4, 0.6, 0.3, 0.7)  # shares of a way where a chair may be put


def with_chair_across(layout: Layout, start: np.ndarray, goal: np.ndarray) -> Layout | None:
    """The room with a chair moved onto the shortest way from ``start`` to ``goal``, both (2,) in m.

    None where that leaves no other way which was free all the while.
    """
    way = FreeSpace(layout).shortest_path(start, goal)
    for place in _along(way):
        if min(np.linalg.norm(place - end) for end in (start, goal)) < CLEAR:
            continue
        one_more = replace(layout, pieces=(*layout.pieces, Piece("chair", *place)))
        if FreeSpace(one_more, START_MARGIN).shortest_path(start, goal) is not None:
            return layout.moved(layout.indices("chair")[0], *place)
    return None


def _along(way: np.ndarray) -> Iterator[np.ndarray]:
    """Points (2,) of a way (N, 2) at the shares of its length where a chair may be put."""
    passed = np.append(0.0, np.hypot(*np.diff(way, axis=0).T).cumsum())
    for share in MIDDLE:
        yield np.array([np.interp(share * passed[-1], passed, axis) for axis in way.T])
