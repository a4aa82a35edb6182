"""Which part of a long way another driver, a navigation stack, may go: all but its end."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jepa_ros.memory.poses import Pose


def length(way: Sequence[Pose]) -> float:
    """Metres along a way."""
    return sum(math.dist(one[:2], other[:2]) for one, other in zip(way, way[1:]))


def far_part(way: Sequence[Pose], beyond: float, last: float) -> Pose | None:
    """Where somebody else may bring the robot: the last pose of a way that is ``last`` m before its end, or more.

    None for a way that is not longer than ``beyond`` m, or that no pose but the first is that far from the end of.
    """
    if length(way) <= beyond:
        return None
    for index in range(len(way) - 1, 0, -1):
        if length(way[index:]) >= last:
            return way[index]
    return None


def near(pose: Pose, other: Pose, radius: float) -> bool:
    """Whether two poses are at most ``radius`` m apart, whichever way they face."""
    return math.dist(pose[:2], other[:2]) <= radius
