"""Put a jointed robot where one wants it, as a person at its controller would: to show a goal, or to begin anew."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from sensor_msgs.msg import Image
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from jepa_ros.ros.client.client import Client, ClientError, wait_for
from jepa_ros.ros.wire.messages import duration
from jepa_ros.ros.wire.streams import class_of

BRISKNESS = 0.9  # share of the contract's speed and acceleration limits
STILL = 1e-4  # in the state's units: what may change between two messages of a robot at rest
UNHEARD = 1.0  # s of rest after which a motion is sent again: others may have been listening before the controller was
QUIET_MESSAGES = 5  # of the state that must say the same


class Placer:
    """Moves a robot through its joint_trajectory_controller's topic. Nobody else may move it meanwhile."""

    def __init__(self, client: Client):
        contract = client.contract
        entries = list(contract.actions.values())
        if len(entries) != 1 or entries[0].channel.type != "trajectory_msgs/msg/JointTrajectory":
            raise ClientError("only a robot with one JointTrajectory command can be placed")
        limits = contract.limits
        self._client, self._index = client, limits.position_index
        self._speed = BRISKNESS * np.minimum(-limits.low, limits.high)
        self._acceleration = BRISKNESS * limits.rate
        self._joints = [name.rpartition(".")[2] for name in contract.action_names]
        self._publisher = client.node.create_publisher(class_of(entries[0]), entries[0].channel.topic, 1)

    def place(self, positions: np.ndarray, tolerance: float = 0.01, patience: float = 5.0) -> None:
        """Go to joint positions (A,) on a straight line in joint space, and come to rest there.

        Raises ClientError where a joint is not within ``tolerance`` of its position ``patience`` seconds after it
        should be.
        """
        positions = np.asarray(positions, float)
        wait_for(self._publisher.get_subscription_count, 10.0, "the robot's controller")
        start = self.positions()
        knots = _straight_line(positions - start, self._speed, self._acceleration)
        trajectory = JointTrajectory(joint_names=self._joints, points=[k.after(start) for k in knots])
        self._publisher.publish(trajectory)
        sent = time.monotonic()

        def arrived() -> bool:
            nonlocal sent
            here = self.positions()
            if np.abs(here - start).max() <= STILL and time.monotonic() - sent > UNHEARD:
                self._publisher.publish(trajectory)
                sent = time.monotonic()
            return bool((np.abs(here - positions) <= tolerance).all())

        wait_for(arrived, knots[-1].time + patience, f"the robot to come to {np.round(positions, 3)}")
        self.wait_for_rest()

    def positions(self) -> np.ndarray:
        """The newest measured joint positions (A,)."""
        return self._client.state_vector()[self._index]

    def wait_for_rest(self, timeout: float = 5.0) -> None:
        """Wait until several messages in a row say the same positions. Raises ClientError after ``timeout`` seconds."""
        since, reference = self._client.states, self.positions()

        def quiet() -> bool:
            nonlocal since, reference
            if np.abs(self.positions() - reference).max() > STILL:
                since, reference = self._client.states, self.positions()
            return self._client.states - since >= QUIET_MESSAGES

        wait_for(quiet, timeout, "the robot to come to rest")

    def picture(self) -> Image:
        """What the camera sees from now on: the second image after the call, for the first may be from before."""
        seen = self._client.images
        wait_for(lambda: self._client.images >= seen + 2, 5.0, "an image of the camera")
        return self._client.image


@dataclass(frozen=True)
class Knot:
    """A point of a motion: seconds since its start, way (A,) from there, and velocity (A,)."""

    time: float
    way: np.ndarray
    velocity: np.ndarray

    def after(self, start: np.ndarray) -> JointTrajectoryPoint:
        """As a trajectory's point, for a motion that begins at ``start`` (A,)."""
        positions, velocities = (start + self.way).tolist(), self.velocity.tolist()
        return JointTrajectoryPoint(positions=positions, velocities=velocities, time_from_start=duration(self.time))


def _straight_line(way: np.ndarray, speed: np.ndarray, acceleration: np.ndarray) -> list[Knot]:
    """The fastest way (A,) from rest to rest on a straight line: speed up, cruise, slow down; all limits (A,)."""
    way_or_tiny = np.maximum(np.abs(way), 1e-6)
    rate, gain = float((speed / way_or_tiny).min()), float((acceleration / way_or_tiny).min())
    rate = min(rate, float(np.sqrt(gain)))
    ramp, whole = rate / gain, 1.0 / rate
    knots = [Knot(ramp, 0.5 * rate * ramp * way, rate * way), Knot(whole + ramp, way, np.zeros_like(way))]
    if whole - ramp > 1e-3:
        knots.insert(1, Knot(whole, (1.0 - 0.5 * rate * ramp) * way, rate * way))
    return knots
