"""What the demo remembers of each goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sensor_msgs.msg import Image


@dataclass(frozen=True, eq=False)
class Target:
    """A goal: what the camera saw there, and the joint positions (A,) in rad, which nobody but the table is told."""

    image: Image
    position: np.ndarray


@dataclass(frozen=True, eq=False)
class Moment:
    """One look at a motion: seconds since its goal was sent, the distance to it, and a small picture (RGB).

    ``phase``, ``step`` and ``p_value`` are the planner's feedback.
    """

    time: float
    distance: float
    phase: str
    step: int
    p_value: float
    picture: np.ndarray


@dataclass(frozen=True, eq=False)
class Trial:
    """One goal, from its sending to its end.

    Attributes:
        number: of the goal, from 1.
        picture: the goal image, as small as those of the moments.
        moments: about ten per second, the last one after the end.
        message: why it was not reached.
        joint_error: largest distance of a joint from the goal at the end, in rad.
        steps: commands sent.
    """

    number: int
    target: Target
    picture: np.ndarray
    moments: list[Moment]
    reached: bool
    message: str
    joint_error: float
    steps: int
    replans: int
    seconds: float

    @property
    def final_distance(self) -> float:
        return self.moments[-1].distance

    def numbers(self) -> dict[str, Any]:
        """What result.json says about it."""
        return {
            "goal": self.number,
            "reached": self.reached,
            "message": self.message,
            "final_distance": round(self.final_distance, 5),
            "joint_error_rad": round(self.joint_error, 5),
            "steps": self.steps,
            "replans": self.replans,
            "seconds": round(self.seconds, 3),
            "goal_position_rad": self.target.position.round(5).tolist(),
        }
