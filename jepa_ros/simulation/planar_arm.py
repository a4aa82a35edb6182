"""A two-joint arm on a table, seen by a camera from above: dynamics and control.

Each joint is a position servo with a velocity limit, an acceleration limit and end stops, all a little beyond
what the robot's contract allows. Where the desired motion respects these limits the joints follow it exactly.
Plain floats: for two joints they are several times faster than arrays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jepa_ros.simulation.arm_drawing import draw_arm, draw_table
from jepa_ros.simulation.body import Control, Sensor, image_fields, joint_state_fields
from jepa_ros.simulation.distractors import Distractors
from jepa_ros.simulation.trajectory_follower import TrajectoryFollower

JOINTS = ("shoulder", "elbow")
POSITION_LIMIT = 2.6  # rad, both joints, both ways
VELOCITY_LIMIT = 1.5  # rad/s
ACCELERATION_LIMIT = 15.0  # rad/s²
PHYSICS_RATE = 300.0  # Hz, at least
SERVO_GAIN = 20.0  # 1/s
RESET_MARGIN = 0.1  # rad kept from the end stops by a random pose


class Joint:
    """One servo: position in rad, velocity in rad/s."""

    __slots__ = ("_target", "blocked", "fastest", "position", "velocity")

    def __init__(self, position: float) -> None:
        self.position = self._target = position
        self.velocity = 0.0
        self.blocked, self.fastest = False, VELOCITY_LIMIT

    def advance(self, target: float, target_velocity: float, dt: float) -> None:
        """Move for `dt` seconds towards where the target will be at their end."""
        error = self._target - self.position
        self._target = target
        if self.blocked:
            self.velocity = 0.0
            return
        # Correct an error no faster than the joint can brake before it has vanished
        correction = min(SERVO_GAIN * abs(error), math.sqrt(1.6 * ACCELERATION_LIMIT * abs(error)))
        wanted = target_velocity + math.copysign(correction, error)
        wanted = min(max(wanted, -self.fastest), self.fastest)
        change = ACCELERATION_LIMIT * dt
        velocity = min(max(wanted, self.velocity - change), self.velocity + change)
        position = self.position + 0.5 * (self.velocity + velocity) * dt
        if abs(position) > POSITION_LIMIT:
            position, velocity = math.copysign(POSITION_LIMIT, position), 0.0
        self.position, self.velocity = position, velocity


class PlanarArm:
    """The arm, its trajectory controller and its picture.

    Args:
        seed: seed of the random poses that `reset` draws; the first one is taken at once.
        distractors: what else moves in the picture.
    """

    name = "planar arm"
    joint_names = JOINTS

    def __init__(self, seed: int = 0, distractors: Distractors = Distractors()) -> None:
        self.distractors = distractors
        self._random = np.random.default_rng(seed)
        self.time = 0.0
        self.reset()

    def reset(self, position: tuple[float, float] | np.ndarray | None = None) -> None:
        """Put the arm at rest at `position` (2,) rad, by default at a random pose within the limits."""
        if position is None:
            reach = POSITION_LIMIT - RESET_MARGIN
            position = self._random.uniform(-reach, reach, len(JOINTS))
        position = np.clip(np.asarray(position, dtype=float), -POSITION_LIMIT, POSITION_LIMIT).tolist()
        self._joints = [Joint(value) for value in position]
        self._follower = TrajectoryFollower(JOINTS, position)

    def sensors(self) -> tuple[Sensor, ...]:
        return (
            Sensor("joint_states", "sensor_msgs/msg/JointState", 50, self._joint_state),
            Sensor("camera/image_raw", "sensor_msgs/msg/Image", 30, lambda now_ns: image_fields(self.image(), now_ns)),
        )

    def controls(self) -> tuple[Control, ...]:
        return (Control("arm_controller/joint_trajectory", "trajectory_msgs/msg/JointTrajectory", self.follow),)

    def follow(self, trajectory: Any, now: int = 0) -> None:
        """Take a new trajectory_msgs/JointTrajectory, or any object with its attributes.

        Args:
            trajectory: the message; its stamp counts in the clock of `now`, zero means now.
            now: present time in nanoseconds.

        Raises:
            TrajectoryError: the controller refuses the trajectory; the motion in force goes on.
        """
        stamp = trajectory.header.stamp
        stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
        delay = (stamp_ns - now) * 1e-9 if stamp_ns else 0.0
        self._follower.accept(trajectory, delay, self.time)

    def block(self, *joints: str) -> None:
        """Hold these joints where they are, whatever is commanded, and free all others; resetting frees all."""
        for name, joint in zip(JOINTS, self._joints):
            joint.blocked = name in joints

    def tire(self, joint: str, fastest: float) -> None:
        """Let this joint go no faster than `fastest` rad/s from now on, whatever is commanded; resetting mends it."""
        self._joints[JOINTS.index(joint)].fastest = fastest

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass, in equal physics steps at `PHYSICS_RATE` or a little above."""
        count = max(1, math.ceil(dt * PHYSICS_RATE - 1e-6))
        begin, part = self.time, dt / count
        for index in range(1, count + 1):
            targets, velocities = self._follower.sample(begin + index * part)
            for joint, target, velocity in zip(self._joints, targets, velocities):
                joint.advance(target, velocity, part)
        self.time = begin + dt

    @property
    def position(self) -> np.ndarray:
        """Joint angles (2,) in rad; zero is straight ahead (up in the picture), positive turns left."""
        return np.array([joint.position for joint in self._joints])

    @property
    def velocity(self) -> np.ndarray:
        """Joint velocities (2,) in rad/s."""
        return np.array([joint.velocity for joint in self._joints])

    def image(self, size: tuple[int, int] = (480, 640)) -> np.ndarray:
        """What the camera sees: uint8 (height, width, 3) RGB, a new array."""
        image = draw_table(size)
        self.distractors.behind(image, self.time)
        draw_arm(self.position, on=image)
        self.distractors.before(image, self.time)
        return image

    def _joint_state(self, stamp_ns: int) -> dict[str, Any]:
        return joint_state_fields(JOINTS, self.position, self.velocity, stamp_ns)
