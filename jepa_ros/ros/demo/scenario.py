"""What happens in the demo: the robot is shown its goals, then it finds its way to each of them by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
from action_msgs.msg import GoalStatus
from sensor_msgs.msg import Image

from jepa_ros.contract import Contract, decode_image
from jepa_ros.ros.client.client import Client, Ending, PendingGoal, image_goal
from jepa_ros.ros.client.placing import Placer
from jepa_ros.ros.demo.trial import Moment, Target, Trial
from jepa_ros_interfaces.action import MoveToGoal

MARGIN = 0.2  # rad that goals keep from the ends of the joints' ranges
APART = 1.2  # rad, all joints together, from one goal to the next: each must be worth watching
PATIENCE = 25.0  # s for one goal
PERIOD = 0.1  # s between two pictures of the film
PICTURE = (224, 252)  # px, height and width of its pictures

Tell = Callable[[MoveToGoal.Feedback], None]


def poses(contract: Contract, count: int, seed: int) -> np.ndarray:
    """Random joint positions (count, A) in rad, within the contract's limits, each well apart from the one before."""
    random = np.random.default_rng(seed)
    low, high = contract.limits.position_low + MARGIN, contract.limits.position_high - MARGIN
    chosen = [random.uniform(low, high)]
    while len(chosen) < count:
        pose = random.uniform(low, high)
        if np.linalg.norm(pose - chosen[-1]) >= APART:
            chosen.append(pose)
    return np.array(chosen)


def show_goals(client: Client, count: int, seed: int, check: Callable[[], None]) -> Iterator[Target]:
    """Bring the robot to goal after goal and keep what the camera sees there; then to a start.

    ``check`` raises to end it all.
    """
    placer = Placer(client)
    start, *goals = poses(client.contract, 1 + count, seed)
    for goal in goals:
        check()
        placer.place(goal)
        yield Target(placer.picture(), placer.positions())
    check()
    placer.place(start)


def pursue(client: Client, number: int, target: Target, check: Callable[[], None], tell: Tell) -> Trial:
    """Send the robot to a goal's image and watch it: ``tell`` hears the feedback, ``check`` raises to end it all."""
    heard: list[MoveToGoal.Feedback] = []
    began = time.monotonic()
    pending = client.move_to(image_goal(target.image), timeout=PATIENCE, on_feedback=heard.append)
    moments = []
    try:
        for moment in _ticks(pending, began):
            check()
            if heard:
                tell(heard[-1])
                moments.append(_moment(moment - began, heard[-1], client.image))
        ending = pending.wait(timeout=1.0)
    except BaseException:
        pending.cancel()
        raise
    seconds = time.monotonic() - began
    moments.append(_last_moment(seconds, ending.result, heard, client.image))
    return _judge(client, number, target, moments, ending, seconds)


def shrink(image: Image) -> np.ndarray:
    """The middle of a camera image as a small uint8 (*PICTURE, 3) RGB: its sides show empty table."""
    full = decode_image(image)
    height, width, _ = full.shape
    margin = max(0, width - height * PICTURE[1] // PICTURE[0]) // 2
    return cv2.resize(full[:, margin : width - margin], PICTURE[::-1], interpolation=cv2.INTER_AREA)


def _ticks(pending: PendingGoal, began: float) -> Iterator[float]:
    """The time, once per period, until the goal has ended or should have long ago."""
    tick = began
    while not pending.done() and tick - began < PATIENCE + 5.0:
        yield tick
        tick += PERIOD
        time.sleep(max(0.0, tick - time.monotonic()))


def _moment(seconds: float, feedback: Any, image: Image) -> Moment:
    return Moment(seconds, feedback.distance, feedback.phase, feedback.step, feedback.p_value, shrink(image))


def _last_moment(seconds: float, result: MoveToGoal.Result, heard: list[MoveToGoal.Feedback], image: Image) -> Moment:
    p_value = heard[-1].p_value if heard else 1.0
    phase = "reached" if result.error_code == MoveToGoal.Result.NONE else "not reached"
    return Moment(seconds, result.final_distance, phase, result.steps, p_value, shrink(image))


def _judge(client: Client, number: int, target: Target, moments: list[Moment], ending: Ending, seconds: float) -> Trial:
    result, limits = ending.result, client.contract.limits
    position = client.state_vector()[limits.position_index]
    return Trial(
        number=number,
        target=target,
        picture=shrink(target.image),
        moments=moments,
        reached=ending.status == GoalStatus.STATUS_SUCCEEDED and result.error_code == MoveToGoal.Result.NONE,
        message=result.error_msg,
        joint_error=float(np.abs(position - target.position).max()),
        steps=result.steps,
        replans=result.replans,
        seconds=seconds,
    )
