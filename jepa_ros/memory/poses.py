"""Where the robot was at a moment, by poses that came in at others."""

from __future__ import annotations

import math
import threading
from bisect import bisect_left
from collections import deque

#: x and y in m, yaw in rad, in the frame that goes with them.
Pose = tuple[float, float, float]

KEPT_NS = 2_000_000_000  # ns that are looked back upon
BEYOND_NS = 200_000_000  # ns before the oldest and after the newest pose in which that one still counts
RESET_NS = 1_000_000_000  # ns that a stamp may be late; further back, a clock was set or a simulation began anew


class PoseTrack:
    """Planar poses of the last seconds; safe to use from several threads.

    ``frame`` is what the newest pose is given in. Poses in another frame, or by a clock that was set back, begin anew.
    """

    def __init__(self) -> None:
        self.frame = ""
        self._lock = threading.Lock()
        self._kept: deque[tuple[int, Pose]] = deque()

    def add(self, stamp_ns: int, pose: Pose, frame: str) -> None:
        """Take in a pose; one that is no number, or comes late, is passed over."""
        if not all(map(math.isfinite, pose)):
            return
        with self._lock:
            late_ns = self._kept[-1][0] - stamp_ns if self._kept else -1
            if frame != self.frame or late_ns > RESET_NS:
                self._kept.clear()
            elif late_ns >= 0:
                return
            self.frame = frame
            self._kept.append((stamp_ns, pose))
            while stamp_ns - self._kept[0][0] > KEPT_NS:
                self._kept.popleft()

    def at(self, stamp_ns: int) -> Pose | None:
        """The pose of a moment, between the two that came in before and after it; None where none is near enough."""
        with self._lock:
            kept = list(self._kept)
        after = bisect_left(kept, stamp_ns, key=lambda item: item[0])
        if 0 < after < len(kept):
            return _between(*kept[after - 1], *kept[after], stamp_ns)
        nearest = kept[min(after, len(kept) - 1)] if kept else None
        return nearest[1] if nearest and abs(nearest[0] - stamp_ns) <= BEYOND_NS else None


def yaw_of(x: float, y: float, z: float, w: float) -> float:
    """The turn (rad) about the vertical axis that a unit quaternion stands for."""
    return math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))


def _between(before_ns: int, before: Pose, after_ns: int, after: Pose, stamp_ns: int) -> Pose:
    share = (stamp_ns - before_ns) / (after_ns - before_ns)
    turn = math.remainder(after[2] - before[2], math.tau)
    x, y = (one + share * (other - one) for one, other in zip(before[:2], after[:2]))
    return x, y, math.remainder(before[2] + share * turn, math.tau)
