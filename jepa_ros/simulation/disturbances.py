"""What a robot may have to put up with: pictures that come late or not at all."""

from __future__ import annotations

from collections import deque

import numpy as np

from jepa_ros.contract import Contract, Motion, Observation
from jepa_ros.simulation.stepped import SteppedRobot


class PoorPictures:
    """A robot in stepped time of whose pictures some are lost, and the others come late.

    Args:
        robot: the one that is looked at and commanded.
        late: seconds from a picture's stamp to its arrival.
        lost: share of the pictures that never arrive.
        seed: of which those are.
    """

    def __init__(self, robot: SteppedRobot, late: float = 0.0, lost: float = 0.0, seed: int = 0) -> None:
        self.robot, self._late_ns, self._lost = robot, round(late * 1e9), lost
        self._random = np.random.default_rng(seed)
        self._underway: deque[Observation] = deque()

    @property
    def contract(self) -> Contract:
        return self.robot.contract

    @property
    def now_ns(self) -> int:
        """The robot's time."""
        return self.robot.now_ns

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what arrived meanwhile."""
        self._underway.extend(seen for seen in self.robot.advance() if self._random.random() >= self._lost)
        arrived: list[Observation] = []
        while self._underway and self._underway[0].stamp_ns + self._late_ns <= self.now_ns:
            arrived.append(self._underway.popleft())
        return arrived

    def command_between(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean command (A,) between two times, None where there was none."""
        return self.robot.command_between(start_ns, end_ns)

    def motion(self, state: np.ndarray) -> Motion:
        """The commanded motion that is in force."""
        return self.robot.motion(state)

    def act(self, action: np.ndarray, state: np.ndarray) -> None:
        """Send an action (A,), made legal from where the motion is."""
        self.robot.act(action, state)
