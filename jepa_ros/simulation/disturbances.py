"""What a robot may have to put up with: pictures that come late or not at all, and people who push it."""

from __future__ import annotations

from collections import deque

import numpy as np

from jepa_ros.contract import Contract, Motion, Observation
from jepa_ros.simulation.stepped import SteppedRobot


class DisturbedRobot:
    """The base of robots in stepped time that something disturbs: here nothing does.

    Args:
        robot: the one that is looked at and commanded.
    """

    def __init__(self, robot: SteppedRobot) -> None:
        self.robot = robot

    @property
    def contract(self) -> Contract:
        return self.robot.contract

    @property
    def now_ns(self) -> int:
        """The robot's time."""
        return self.robot.now_ns

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what was seen meanwhile."""
        return self.robot.advance()

    def command_between(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean command (A,) between two times, None where there was none."""
        return self.robot.command_between(start_ns, end_ns)

    def motion(self, state: np.ndarray) -> Motion:
        """The commanded motion that is in force."""
        return self.robot.motion(state)

    def act(self, action: np.ndarray, state: np.ndarray) -> None:
        """Send an action (A,), made legal from where the motion is."""
        self.robot.act(action, state)

    def stop(self, state: np.ndarray) -> None:
        """Send the contract's safety command."""
        self.robot.stop(state)


class PoorPictures(DisturbedRobot):
    """A robot of whose pictures some are lost, and the others come late.

    Args:
        robot: the one that is looked at and commanded.
        late: seconds from a picture's stamp to its arrival.
        lost: share of the pictures that never arrive.
        seed: of which those are.
    """

    def __init__(self, robot: SteppedRobot, late: float = 0.0, lost: float = 0.0, seed: int = 0) -> None:
        super().__init__(robot)
        self._late_ns, self._lost = round(late * 1e9), lost
        self._random = np.random.default_rng(seed)
        self._underway: deque[Observation] = deque()

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what arrived meanwhile."""
        self._underway.extend(seen for seen in self.robot.advance() if self._random.random() >= self._lost)
        arrived: list[Observation] = []
        while self._underway and self._underway[0].stamp_ns + self._late_ns <= self.now_ns:
            arrived.append(self._underway.popleft())
        return arrived


class Pushed(DisturbedRobot):
    """A robot that is pushed off its course once.

    Args:
        robot: the one that is looked at and commanded; where it is must be a position that it can be put at.
        by: how far, in the units of its position.
        after: seconds until then.
    """

    def __init__(self, robot: SteppedRobot, by: np.ndarray, after: float) -> None:
        super().__init__(robot)
        self._by, self._due_ns = by, robot.now_ns + round(after * 1e9)
        self._pushed = False

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what was seen meanwhile."""
        if not self._pushed and self.now_ns >= self._due_ns:
            self._pushed = True
            self.robot.body.reset(self.robot.body.position + self._by)
        return self.robot.advance()
