"""What evaluation asks of a simulator; ``jepa_ros.simulation`` has those of the embedded robots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from jepa_ros.evaluation.robot import Robot
from jepa_ros.evaluation.surprise import FaultyRobot


class Places(Protocol):
    """Where robots can be put and sent; a place is a vector (P,)."""

    measure: str
    """What an error is, with its unit."""
    tolerance: float
    """The largest error that counts as being there."""

    def pairs(self, count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Random starts and goals; the same seed gives the same ones."""

    def at(self, place: np.ndarray) -> Robot:
        """A robot at rest there."""

    def error(self, robot: Robot, place: np.ndarray) -> float:
        """How far a robot really is from there."""


class Simulator(Protocol):
    """Makes robots for trials; the same seed makes the same robot."""

    faults: Sequence[str]
    places: Places | None

    def anywhere(self, seed: int) -> Robot:
        """A robot at a random place."""

    def faulty(self, fault: str, seed: int) -> FaultyRobot:
        """A robot at a random place that a fault may befall."""
