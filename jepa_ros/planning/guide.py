"""What a pursuit asks at every step: which goal to plan for now, and how far it is to the end of the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from jepa_ros.planning.goals import Goal

DIRECT = "direct"


@dataclass(frozen=True)
class Aim:
    """What to plan for now.

    ``goal`` may be one on the way. ``to_go`` says how far it is still to the end of the whole way, in a unit of the
    guide's own: it shrinks as the robot gets on, even where the distance to the last goal grows. ``way`` says to people
    which way that is, in a word or two.
    """

    goal: Goal
    to_go: float
    way: str = DIRECT


class Guide(Protocol):
    """Leads a pursuit to its goal, by way of others if need be. Arrival is judged by the goal itself alone."""

    def aim(self, latent: Tensor, state: Tensor, distance: float) -> Aim:
        """What to plan for, seen from a latent (N, D) and a state (S,); ``distance`` is that to the goal itself."""

    def lead_elsewhere(self) -> bool:
        """The robot does not get on towards the last aim. Whether there is another way, which the next aim takes."""


class Straight:
    """Leads to the goal itself, whatever is in between."""

    def __init__(self, goal: Goal):
        self.goal = goal

    def aim(self, latent: Tensor, state: Tensor, distance: float) -> Aim:
        return Aim(self.goal, distance)

    def lead_elsewhere(self) -> bool:
        return False
