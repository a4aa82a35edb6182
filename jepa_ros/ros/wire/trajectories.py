"""Plans as JointTrajectory messages."""

from __future__ import annotations

import numpy as np
from trajectory_msgs.msg import JointTrajectory, JointTrajectoryPoint

from jepa_ros.contract import Contract, Motion, stop
from jepa_ros.ros.wire.messages import duration


def plan_trajectory(contract: Contract, actions: np.ndarray, start: Motion) -> JointTrajectory:
    """A whole plan (H, A) from where the commanded motion is, one point per period, ending at rest.

    For joint velocities the points have positions (by constant acceleration between points) and velocities, so that
    a joint_trajectory_controller can execute them as they are; other commands appear as the points' positions
    (joint_position) or velocities.
    """
    trajectory = JointTrajectory(joint_names=[name.rpartition(".")[2] for name in contract.action_names])
    times = contract.period * np.arange(1, len(actions) + 1)
    if contract.command.kind == "joint_velocity":
        trajectory.points = _integrated(contract, actions, start, times)
    elif contract.command.kind == "joint_position":
        trajectory.points = [_point(time, positions=action) for time, action in zip(times, actions)]
    else:
        trajectory.points = [_point(time, velocities=action) for time, action in zip(times, actions)]
    return trajectory


def _integrated(
    contract: Contract, actions: np.ndarray, start: Motion, times: np.ndarray
) -> list[JointTrajectoryPoint]:
    velocities = np.concatenate([start.command[None], actions])
    travelled = np.cumsum(0.5 * (velocities[:-1] + velocities[1:]) * contract.period, axis=0)
    positions = start.position + travelled
    ending = stop(Motion(actions[-1], positions[-1]), contract.limits)
    times = np.concatenate([times, times[-1] + ending.times[1:]])
    positions = np.concatenate([positions, ending.positions[1:]])
    velocities = np.concatenate([actions, ending.velocities[1:]])
    return [_point(*knot) for knot in zip(times, positions, velocities)]


def _point(time: float, positions: np.ndarray = (), velocities: np.ndarray = ()) -> JointTrajectoryPoint:
    return JointTrajectoryPoint(
        time_from_start=duration(time),
        positions=[float(p) for p in positions],
        velocities=[float(v) for v in velocities],
    )
