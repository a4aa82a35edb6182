"""The embedded robots by the type that a contract gives its robot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jepa_ros.simulation.body import Body
from jepa_ros.simulation.distractors import Distractors
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.process import Process


@dataclass(frozen=True)
class Setting:
    """How a robot is set up, as far as this kind can be.

    Attributes:
        seed: of all that is random.
        layout: of a room.
        distractors: share of a picture's pixels that flicker, or how noisy instruments are, 0 … 1.
    """

    seed: int = 0
    layout: str = "living_room"
    distractors: float = 0.0


EMBEDDED: Mapping[str, Callable[[Setting], Body]] = {
    "planar_arm": lambda setting: PlanarArm(setting.seed, _distractors(setting)),
    "furnished_room": lambda setting: FurnishedRoom(setting.seed, setting.layout, _distractors(setting)),
    "process": lambda setting: Process(setting.seed, setting.distractors),
}


def embedded_robot(robot_type: str, setting: Setting = Setting()) -> Body:
    """The embedded robot of a type, at a random pose.

    Raises:
        ValueError: there is no such robot, or no such setting of it.
    """
    if robot_type not in EMBEDDED:
        raise ValueError(f"no embedded robot is a '{robot_type}'; there are {', '.join(EMBEDDED)}")
    return EMBEDDED[robot_type](setting)


def _distractors(setting: Setting) -> Distractors:
    return Distractors(setting.distractors, setting.seed)
