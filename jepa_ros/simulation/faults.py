"""What may go wrong with the planar arm: faults that begin, show, and end again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jepa_ros.simulation.planar_arm import JOINTS, PlanarArm
from jepa_ros.simulation.robot import SensorMessage

IMAGE = "sensor_msgs/msg/Image"
MOVING = 0.1  # rad/s; slower, what stands still where it should move can't be told from what rests


class Fault:
    """The base of all faults: nothing happens.

    A fault gets at the arm when it begins and ends, and at every message that the arm sends. ``momentary`` is one that
    is over as soon as it has begun.
    """

    momentary = False

    def begin(self, arm: PlanarArm, random: np.random.Generator) -> None:
        """Go wrong now."""

    def end(self, arm: PlanarArm) -> None:
        """Be as before."""

    def distort(self, message: SensorMessage) -> SensorMessage:
        """What becomes of a message that the arm sends."""
        return message

    def shows(self, command: np.ndarray) -> bool:
        """Whether an arm that is given this command (2,) rad/s behaves otherwise than a sound one."""
        return True


class Teleport(Fault):
    """The arm is elsewhere from one moment to the next."""

    momentary = True

    def begin(self, arm: PlanarArm, random: np.random.Generator) -> None:
        arm.reset()


class BlockedJoint(Fault):
    """One joint stays where it is, whatever is commanded."""

    def begin(self, arm: PlanarArm, random: np.random.Generator) -> None:
        self._joint = int(random.integers(len(JOINTS)))
        arm.block(JOINTS[self._joint])

    def end(self, arm: PlanarArm) -> None:
        arm.block()

    def shows(self, command: np.ndarray) -> bool:
        return bool(abs(command[self._joint]) > MOVING)


class FrozenCamera(Fault):
    """The camera sends the same picture again and again, with new stamps."""

    def __init__(self) -> None:
        self._frozen = False
        self._still: np.ndarray | None = None

    def begin(self, arm: PlanarArm, random: np.random.Generator) -> None:
        self._frozen = True

    def end(self, arm: PlanarArm) -> None:
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

    def begin(self, arm: PlanarArm, random: np.random.Generator) -> None:
        self._blank = True

    def end(self, arm: PlanarArm) -> None:
        self._blank = False

    def distort(self, message: SensorMessage) -> SensorMessage:
        if message.kind != IMAGE or not self._blank:
            return message
        return _with_pixels(message, np.zeros_like(message.fields["data"]))


FAULTS: Mapping[str, type[Fault]] = {
    "teleport": Teleport,
    "blocked_joint": BlockedJoint,
    "frozen_camera": FrozenCamera,
    "blank_camera": BlankCamera,
}


def _with_pixels(message: SensorMessage, pixels: np.ndarray) -> SensorMessage:
    return message._replace(fields={**message.fields, "data": pixels})
