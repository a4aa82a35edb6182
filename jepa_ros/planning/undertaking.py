"""What leads a robot on, whatever for."""

from __future__ import annotations

from typing import Protocol

from jepa_ros.planning.moment import Moment
from jepa_ros.planning.pursuit import Step


class Undertaking(Protocol):
    """Leads a robot on, one step per control period, until a step has an outcome: a pursuit, an exploration."""

    def step(self, moment: Moment) -> Step:
        """Judge what is seen, and lead on from where the robot is when its next command leaves."""
