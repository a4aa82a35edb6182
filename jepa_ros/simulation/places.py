"""Where the embedded robots are put and sent in trials, and how far from there they really are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.simulation.embedded import Setting, embedded_robot
from jepa_ros.simulation.free_space import FreeSpace
from jepa_ros.simulation.furnished_room import START_MARGIN
from jepa_ros.simulation.layouts import find_layout
from jepa_ros.simulation.stepped import SteppedRobot

Pairs = list[tuple[np.ndarray, np.ndarray]]


class ArmPlaces:
    """Poses (2,) of the arm in rad.

    Args:
        contract: says which poses are allowed.
        setting: of the arms that stand there.
    """

    measure = "largest joint error (rad)"
    tolerance = 0.1
    margin = 0.1  # rad kept from the position limits

    def __init__(self, contract: Contract, setting: Setting = Setting()) -> None:
        self._contract, self._setting = contract, setting

    def pairs(self, count: int, seed: int = 0) -> Pairs:
        """Starts and goals, uniform over what the contract allows."""
        limits = self._contract.limits
        low, high = limits.position_low + self.margin, limits.position_high - self.margin
        return [tuple(pair) for pair in np.random.default_rng(seed).uniform(low, high, (count, 2, len(low)))]

    def at(self, place: np.ndarray) -> SteppedRobot:
        """An arm at rest there."""
        return _put(self._contract, self._setting, place)

    def error(self, robot: SteppedRobot, place: np.ndarray) -> float:
        """How far its worse joint really is from there."""
        return float(np.abs(robot.body.position - place).max())


class RoomPlaces:
    """Positions (2,) of the base in m.

    Args:
        contract: names the topics.
        setting: of the rooms; its layout says what is free.
    """

    measure = "distance from the goal (m)"
    tolerance = 0.1
    apart = 0.5  # m at least between start and goal

    def __init__(self, contract: Contract, setting: Setting = Setting()) -> None:
        self._contract, self._setting = contract, setting

    def pairs(self, count: int, seed: int = 0) -> Pairs:
        """Starts and goals, uniform over those between which the base can drive in a straight line."""
        space, random = FreeSpace(find_layout(self._setting.layout), START_MARGIN), np.random.default_rng(seed)
        pairs: Pairs = []
        while len(pairs) < count:
            start, goal = space.sample(random), space.sample(random)
            if np.linalg.norm(goal - start) >= self.apart and space.in_line(start, goal):
                pairs.append((start, goal))
        return pairs

    def tour(self, legs: int, seed: int = 0) -> list[np.ndarray]:
        """Places to go to one after the other, uniform over the free space; every other leg needs a detour for sure."""
        space, random = FreeSpace(find_layout(self._setting.layout), START_MARGIN), np.random.default_rng(seed)
        places = [space.sample(random)]
        while len(places) <= legs:
            here, place = places[-1], space.sample(random)
            straight = len(places) % 2 == 1 and space.in_line(here, place)
            if np.linalg.norm(place - here) >= self.apart and not straight:
                places.append(place)
        return places

    def at(self, place: np.ndarray) -> SteppedRobot:
        """A base at rest there."""
        return _put(self._contract, self._setting, place)

    def error(self, robot: SteppedRobot, place: np.ndarray) -> float:
        """How far its middle really is from there."""
        return float(np.linalg.norm(robot.body.position - place))


#: Type of robot → its places. The process has none: what it can be steered to takes minutes, far beyond a plan's
#: horizon, and a state that names all eight instruments asks for a supply that nobody holds.
PLACES_OF: Mapping[str, Callable[[Contract, Setting], ArmPlaces | RoomPlaces]] = {
    "planar_arm": ArmPlaces,
    "furnished_room": RoomPlaces,
}


def _put(contract: Contract, setting: Setting, place: np.ndarray) -> SteppedRobot:
    body = embedded_robot(contract.robot_type, setting)
    body.reset(place)
    return SteppedRobot(contract, body)
