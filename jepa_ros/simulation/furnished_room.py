"""A mobile base among furniture, seen by a camera on the ceiling."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from jepa_ros.simulation.base_drawing import draw_base
from jepa_ros.simulation.body import CommandError, Control, Fields, Sensor, header, image_fields, joint_state_fields
from jepa_ros.simulation.distractors import Distractors
from jepa_ros.simulation.free_space import FreeSpace
from jepa_ros.simulation.furniture import ROOM, Layout, Solids
from jepa_ros.simulation.layouts import find_layout
from jepa_ros.simulation.mobile_base import WHEELS, MobileBase
from jepa_ros.simulation.room_drawing import draw_room

START_MARGIN = 0.02  # m kept from everything by a random position


class FurnishedRoom:
    """The room, the base in it, and its picture.

    Args:
        seed: of the random positions that `reset` draws; the first one is taken at once.
        layout: the room, or its name (see :func:`find_layout`). Raises ValueError for a name that no layout has.
        distractors: what else moves in the picture.
    """

    name = "furnished room"
    joint_names = WHEELS

    def __init__(
        self, seed: int = 0, layout: str | Layout = "living_room", distractors: Distractors = Distractors()
    ) -> None:
        self.distractors = distractors
        self._random = np.random.default_rng(seed)
        self.time = 0.0
        self._furnish(find_layout(layout) if isinstance(layout, str) else layout)
        self.reset()

    @property
    def layout(self) -> Layout:
        """How the room is furnished; furniture may be moved while the base drives."""
        return self._layout

    @layout.setter
    def layout(self, layout: Layout) -> None:
        """Raises ValueError where furniture would stand on the base; nothing is moved then."""
        if not _space(layout, 0.0).free(self.base.position):
            raise ValueError(f"the base stands where furniture should go, at {np.round(self.base.position, 2)}")
        self._furnish(layout)
        self.base.surround(Solids(layout))

    @property
    def free_space(self) -> FreeSpace:
        """Where the base can be."""
        return _space(self._layout, 0.0)

    def reset(self, position: tuple[float, float] | np.ndarray | None = None, heading: float = 0.0) -> None:
        """Put the base at rest at `position` (2,) m, by default a random free one.

        Raises:
            ValueError: furniture or a wall is there.
        """
        if position is None:
            position = _space(self._layout, START_MARGIN).sample(self._random)
        elif not self.free_space.free(np.asarray(position, float)):
            raise ValueError(f"the base cannot stand at {np.round(position, 2)}: something is there")
        self.base = MobileBase(Solids(self._layout), np.asarray(position, float), heading)

    def sensors(self) -> tuple[Sensor, ...]:
        return (
            Sensor("joint_states", "sensor_msgs/msg/JointState", 50, self._joint_state),
            Sensor("odom", "nav_msgs/msg/Odometry", 50, self._odometry),
            Sensor("camera/image_raw", "sensor_msgs/msg/Image", 30, lambda now_ns: image_fields(self.image(), now_ns)),
        )

    def controls(self) -> tuple[Control, ...]:
        return (Control("cmd_vel", "geometry_msgs/msg/Twist", self.drive, self.rest),)

    def drive(self, twist: Any, now_ns: int = 0) -> None:
        """Take a geometry_msgs/Twist, or any object with its attributes: linear.x, linear.y, angular.z count.

        Raises:
            CommandError: a speed is not finite; the motion in force goes on.
        """
        speeds = (twist.linear.x, twist.linear.y, twist.angular.z)
        if not all(map(math.isfinite, speeds)):
            raise CommandError(f"linear.x, linear.y, angular.z are {list(speeds)}, not finite")
        self.base.drive(*speeds)

    def rest(self) -> None:
        """Let the base come to rest."""
        self.base.drive(0.0, 0.0, 0.0)

    def block(self, *wheels: str) -> None:
        """Hold these wheels fast, and the base with them, until none is held; resetting frees all."""
        self.base.blocked = bool(wheels)

    def step(self, dt: float) -> None:
        self.base.step(dt)
        self.time += dt

    @property
    def position(self) -> np.ndarray:
        """Where the base's middle is (2,) in m; the origin is the picture's lower left corner."""
        return self.base.position.copy()

    @property
    def velocity(self) -> np.ndarray:
        """Velocity (2,) in m/s, along the room's axes."""
        return self.base.velocity.copy()

    def image(self, size: tuple[int, int] = (480, 640)) -> np.ndarray:
        """What the camera sees: uint8 (height, width, 3) RGB, a new array."""
        image = draw_room(self._layout, size).copy()
        self.distractors.behind(image, self.time)
        scale = size[1] / ROOM[0]
        x, y = self.base.position * scale
        draw_base(image, (x, size[0] - y), self.base.heading, scale)
        self.distractors.before(image, self.time)
        return image

    def _furnish(self, layout: Layout) -> None:
        self._layout = layout
        draw_room(layout)  # now rather than when the first picture is due

    def _joint_state(self, stamp_ns: int) -> Fields:
        return joint_state_fields(WHEELS, self.base.wheel_position, self.base.wheel_velocity, stamp_ns)

    def _odometry(self, stamp_ns: int) -> Fields:
        """Pose in the room, speeds in the base's own frame, as nav_msgs/Odometry says them."""
        base = self.base
        cos, sin = math.cos(base.heading), math.sin(base.heading)
        forward, left = cos * base.velocity[0] + sin * base.velocity[1], cos * base.velocity[1] - sin * base.velocity[0]
        orientation = _xyz(0.0, 0.0, math.sin(base.heading / 2)) | {"w": math.cos(base.heading / 2)}
        pose = {"position": _xyz(*base.position), "orientation": orientation}
        twist = {"linear": _xyz(forward, left), "angular": _xyz(0.0, 0.0, base.turn_rate)}
        return {
            "header": header(stamp_ns, "odom"),
            "child_frame_id": "base_link",
            "pose": {"pose": pose, "covariance": np.zeros(36)},
            "twist": {"twist": twist, "covariance": np.zeros(36)},
        }


@lru_cache(maxsize=8)
def _space(layout: Layout, margin: float) -> FreeSpace:
    return FreeSpace(layout, margin)


def _xyz(x: float, y: float, z: float = 0.0) -> dict[str, float]:
    return {"x": float(x), "y": float(y), "z": float(z)}
