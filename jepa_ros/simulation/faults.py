"""What may go wrong with an embedded robot: faults that begin, show, and end again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from jepa_ros.simulation.body import Body
from jepa_ros.simulation.process import FAULTS as PROCESS_FAULTS
from jepa_ros.simulation.process import Process
from jepa_ros.simulation.robot import SensorMessage

IMAGE = "sensor_msgs/msg/Image"
MOVING = 0.1  # rad/s or m/s; slower, what stands still where it should move can't be told from what rests
DEVELOPMENT = 600.0  # s that a fault of the process takes to failure


class Mover(Body, Protocol):
    """A robot that is somewhere and has joints or wheels."""

    joint_names: tuple[str, ...]

    def reset(self) -> None:
        """Be at a random place, at rest."""

    def block(self, *joints: str) -> None:
        """Hold these fast and free all others."""


class Rhythm(NamedTuple):
    """How long (s) a robot is sound, failing and recovering, in turn."""

    sound: float
    failing: float
    recovering: float


class Fault:
    """The base of all faults: nothing happens.

    A fault gets at the robot when it begins and ends, and at every message that it sends. ``momentary`` is one that is
    over as soon as it has begun; ``rhythm`` says how often it should begin and end for its frames to be compared with
    normal ones.
    """

    momentary = False
    rhythm = Rhythm(sound=3.0, failing=1.5, recovering=1.5)

    def begin(self, robot: Mover, random: np.random.Generator) -> None:
        """Go wrong now."""

    def end(self, robot: Mover) -> None:
        """Be as before."""

    def distort(self, message: SensorMessage) -> SensorMessage:
        """What becomes of a message that the robot sends."""
        return message

    def shows(self, command: np.ndarray) -> bool:
        """Whether a robot that is given this command (A,) behaves otherwise than a sound one."""
        return True


class Teleport(Fault):
    """The robot is elsewhere from one moment to the next."""

    momentary = True

    def begin(self, robot: Mover, random: np.random.Generator) -> None:
        robot.reset()


class BlockedJoint(Fault):
    """One joint or wheel stays where it is, whatever is commanded."""

    def begin(self, robot: Mover, random: np.random.Generator) -> None:
        self._joints = len(robot.joint_names)
        self._joint = int(random.integers(self._joints))
        robot.block(robot.joint_names[self._joint])

    def end(self, robot: Mover) -> None:
        robot.block()

    def shows(self, command: np.ndarray) -> bool:
        felt = command[self._joint] if len(command) == self._joints else command  # wheels have no command of their own
        return bool((np.abs(felt) > MOVING).any())


class FrozenCamera(Fault):
    """The camera sends the same picture again and again, with new stamps."""

    def __init__(self) -> None:
        self._frozen = False
        self._still: np.ndarray | None = None

    def begin(self, robot: Mover, random: np.random.Generator) -> None:
        self._frozen = True

    def end(self, robot: Mover) -> None:
        self._frozen = False

    def distort(self, message: SensorMessage) -> SensorMessage:
        if message.kind != IMAGE:
            return message
        if not self._frozen or self._still is None:
            self._still = message.fields["data"]
        return _with_pixels(message, self._still)

    def shows(self, command: np.ndarray) -> bool:
        return bool((np.abs(command) > MOVING).any())


class BlankCamera(Fault):
    """The camera sends black pictures."""

    def __init__(self) -> None:
        self._blank = False

    def begin(self, robot: Mover, random: np.random.Generator) -> None:
        self._blank = True

    def end(self, robot: Mover) -> None:
        self._blank = False

    def distort(self, message: SensorMessage) -> SensorMessage:
        if message.kind != IMAGE or not self._blank:
            return message
        return _with_pixels(message, np.zeros_like(message.fields["data"]))


class Development(Fault):
    """A fault of the process, from its first sign to failure; it is sound again, at another point, when that ends."""

    rhythm = Rhythm(sound=300.0, failing=DEVELOPMENT, recovering=30.0)

    def __init__(self, name: str) -> None:
        self._name = name

    def begin(self, robot: Process, random: np.random.Generator) -> None:
        robot.develop(self._name, DEVELOPMENT)

    def end(self, robot: Process) -> None:
        robot.reset()


#: What may go wrong with robots that move.
FAULTS: Mapping[str, type[Fault]] = {
    "teleport": Teleport,
    "blocked_joint": BlockedJoint,
    "frozen_camera": FrozenCamera,
    "blank_camera": BlankCamera,
}


#: Type of robot → what may go wrong with it.
FAULTS_OF: Mapping[str, Mapping[str, Callable[[], Fault]]] = {
    "planar_arm": FAULTS,
    "furnished_room": FAULTS,
    "process": {name: partial(Development, name) for name in PROCESS_FAULTS},
}


def find_fault(robot_type: str, name: str) -> Fault:
    """The fault of this name; the empty one is none.

    Raises:
        ValueError: nothing of the kind can happen to this robot.
    """
    if not name:
        return Fault()
    if name not in FAULTS_OF[robot_type]:
        raise ValueError(f"no fault of {robot_type} is called '{name}'; there are {', '.join(FAULTS_OF[robot_type])}")
    return FAULTS_OF[robot_type][name]()


def _with_pixels(message: SensorMessage, pixels: np.ndarray) -> SensorMessage:
    return message._replace(fields={**message.fields, "data": pixels})
