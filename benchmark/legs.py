"""Legs of a base's tour through a furnished room, judged by the true map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.figures import Figure, conditions
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.statistics import median, wilson
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.memory import Memory, MemoryGuide
from jepa_ros.planning import LatentGoal, Outcome, Patience
from jepa_ros.simulation.free_space import FreeSpace, path_length
from jepa_ros.simulation.furniture import Layout
from jepa_ros.simulation.places import RoomPlaces

TIMEOUT = 60.0  # s per leg
PUSHING = 1.0  # s of pushing against something without a break that make a leg a failure
SLOW = 0.4  # m/s, half of what the contract allows each way: a base that touches something and is slower pushes
JUDGED = (
    f"reached: it said so, the base was within {RoomPlaces.tolerance:g} m, and it had not pushed for more than "
    f"{PUSHING:g} s on end, that is touched something while slower than {SLOW:g} m/s"
)


@dataclass(frozen=True)
class Leg:
    """Where one leg ended, ``error`` m from the goal, and how it got there.

    ``arrived``: it said that it had. ``pushed`` and ``touched`` are the longest times (s) for which the base pushed
    against something and touched it, ``driven`` the length (m) of its way, ``shortest`` that of the shortest free one.
    """

    arrived: bool
    error: float
    pushed: float
    touched: float
    driven: float
    shortest: float

    @classmethod
    def of(cls, space: FreeSpace, seconds: np.ndarray, way: np.ndarray, goal: np.ndarray, arrived: bool) -> Leg:
        """Judge a way (T, 2), in m, at times (T,)."""
        touching = space.touching(way)
        speed = np.append(0.0, np.hypot(*np.diff(way, axis=0).T) / np.maximum(np.diff(seconds), 1e-3))
        pushed, touched = _longest(seconds, touching & (speed < SLOW)), _longest(seconds, touching)
        shortest = path_length(space.shortest_path(way[0], goal))
        return cls(arrived, float(np.linalg.norm(way[-1] - goal)), pushed, touched, path_length(way), shortest)

    @property
    def reached(self) -> bool:
        return self.arrived and self.error <= RoomPlaces.tolerance and self.pushed <= PUSHING


def drive(
    memory: Memory, places: RoomPlaces, start: np.ndarray, goal: np.ndarray, rearranged: Layout | None = None
) -> Leg:
    """One leg in stepped time, led and remembered by a memory; ``rearranged`` is how the room really stands by now."""
    model, robot = memory.model, places.at(start)
    if rearranged is not None:
        robot.body.layout = rearranged
    aim = LatentGoal(model, goal_latent(model, places.at(goal)))
    guide = MemoryGuide(memory, aim)
    journey = pursue(Watcher(model, robot, memory), aim, Patience(timeout=TIMEOUT), guide=guide)
    seconds = np.array([look.seconds for look in journey.looks])
    way = np.array([*(look.observation.state for look in journey.looks), robot.body.position])
    return Leg.of(robot.body.free_space, np.append(seconds, seconds[-1]), way, goal, journey.outcome is Outcome.ARRIVED)


def success(legs: Sequence[Leg], how: str) -> Figure:
    """The legs that ended well."""
    reached = sum(leg.reached for leg in legs)
    low, high = wilson(reached, len(legs))
    grazed = sum(leg.reached and leg.touched > PUSHING for leg in legs)
    text = f"{how}; {JUDGED}; {grazed} of them touched something for longer, but faster"
    return Figure(100 * reached / len(legs), "%", 100 * low, 100 * high, len(legs), conditions(text))


def path_ratio(legs: Sequence[Leg], how: str) -> Figure:
    """How much longer than the shortest ways those of the legs were that ended well."""
    value, low, high = median([leg.driven / leg.shortest for leg in legs if leg.reached])
    text = (
        "median length of the ways driven over that of the shortest free ones by the true map, of legs that ended well"
    )
    return Figure(value, "", low, high, len(legs), conditions(f"{text}; {how}"))


def _longest(seconds: np.ndarray, holds: np.ndarray) -> float:
    """The longest time for which something holds at every moment."""
    longest = since = 0.0
    for passed, before, now in zip(np.diff(seconds), holds, holds[1:]):
        since = since + float(passed) if before and now else 0.0
        longest = max(longest, since)
    return longest
