"""What an embedded robot is: a body in simulated time, with sensors that it reads and commands that it obeys.

A robot is a class with a ``name``, ``sensors()``, ``controls()`` and ``step(dt)``. It knows nothing of contracts, and
its fields are nested dicts: those of ROS messages, without ROS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

SECOND = 1_000_000_000
CAMERA_FRAME = "camera"

Fields = dict[str, Any]


class CommandError(ValueError):
    """A command that the robot refuses; the message says why."""


class Sensor(NamedTuple):
    """What a robot tells of itself: messages of type `kind` on `topic`, `rate` of them a second.

    `read(stamp_ns)` gives the fields of one.
    """

    topic: str
    kind: str
    rate: int
    read: Callable[[int], Fields]


class Control(NamedTuple):
    """What a robot obeys: messages of type `kind` on `topic`.

    `obey(message, now_ns)` takes an object with the message's attributes. Raises CommandError where it is refused.
    `rest()` is what it does when commands cease; None where a command says itself how it ends, or is to last.
    """

    topic: str
    kind: str
    obey: Callable[[Any, int], None]
    rest: Callable[[], None] | None = None


class Body(Protocol):
    """An embedded robot."""

    name: str
    """What it is called in sentences."""

    def sensors(self) -> Sequence[Sensor]:
        """All it tells of itself. Of what is measured at the same time, the first is sent first."""

    def controls(self) -> Sequence[Control]:
        """All it obeys."""

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass."""


def header(stamp_ns: int, frame: str) -> Fields:
    """A std_msgs/Header."""
    return {"stamp": {"sec": stamp_ns // SECOND, "nanosec": stamp_ns % SECOND}, "frame_id": frame}


def image_fields(image: np.ndarray, stamp_ns: int) -> Fields:
    """A sensor_msgs/Image of uint8 (H, W, 3) RGB."""
    height, width, channels = image.shape
    return {
        "header": header(stamp_ns, CAMERA_FRAME),
        "height": height,
        "width": width,
        "encoding": "rgb8",
        "is_bigendian": 0,
        "step": width * channels,
        "data": image.reshape(-1),
    }


def joint_state_fields(names: Sequence[str], position: np.ndarray, velocity: np.ndarray, stamp_ns: int) -> Fields:
    """A sensor_msgs/JointState without efforts."""
    return {"header": header(stamp_ns, ""), "name": list(names), "position": position, "velocity": velocity}
