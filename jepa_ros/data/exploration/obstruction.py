"""Notice that something is in the way of a mobile base: it drives, and its pose hardly changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

POSE = ("position.x", "position.y", "position.z")
BLOCKED = 0.75  # share of the usual way below which something is in the way; sliding along a wall counts too
DRIVING = 0.1  # share of the greatest speed; slower, nothing can be said
FASTER, SLOWER = 0.2, 0.01  # how fast what is usual follows longer and shorter ways


class Obstruction:
    """Compares the way of each period with the command that was in force.

    What way is usual for a command is learnt while driving, so neither units nor axes need to be known.

    Args:
        state_names: selectors of the state vector. Without any that ends in `position.x`, `.y` or `.z` it never notices
            anything.
        greatest: (A,) greatest speed of each action.
    """

    def __init__(self, state_names: Sequence[str], greatest: np.ndarray) -> None:
        self._pose = [index for index, name in enumerate(state_names) if name.endswith(POSE)]
        self._greatest = greatest
        self._before: np.ndarray | None = None
        self._usual = 0.0

    def notice(self, state: np.ndarray, command: np.ndarray) -> bool:
        """Whether the command (A,) of the period that ended in `state` (S,) was obstructed."""
        pose, before = state[self._pose], self._before
        self._before = pose
        driven = float(np.linalg.norm(command / self._greatest))
        if not self._pose or before is None or driven < DRIVING:
            return False
        way = float(np.linalg.norm(pose - before)) / driven
        if not np.isfinite(way):
            return False
        obstructed = way < BLOCKED * self._usual
        # A jump of the pose (a robot that was carried) must not make all that follows look short
        way = min(way, 2 * self._usual) if self._usual else way
        self._usual += (FASTER if way > self._usual else SLOWER) * (way - self._usual)
        return obstructed
