"""Several goals, one after the other, in one motion."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jepa_ros.ros.client.client import POLL, Client, ClientError, Ending, PendingGoal
from jepa_ros_interfaces.action import MoveToGoal
from jepa_ros_interfaces.msg import Goal

PASSING = 0.15  # calibrated distance within which a goal counts as passed
SILENCE = 75.0  # s without news of a motion; the planner itself waits for observations for a minute at most
STOPPING = 5.0  # s that a motion gets to end when nobody wants it any more

Hear = Callable[[int, MoveToGoal.Feedback], None]


@dataclass(frozen=True)
class Arrival:
    """How a route ended: with the goal of this number, from 1, and in this way."""

    number: int
    ending: Ending

    @property
    def reached(self) -> bool:
        return self.ending.result.error_code == MoveToGoal.Result.NONE


def follow(
    client: Client,
    goals: Sequence[Goal],
    passing: float = PASSING,
    timeout: float = 0.0,
    tolerance: float = 0.0,
    speed_scale: float = 0.0,
    on_feedback: Hear = lambda number, feedback: None,
) -> Arrival:
    """Move through goals without stopping at those in between, and come to rest at the last one.

    A goal is passed where the robot comes within the calibrated distance ``passing``: then the next one takes over.
    ``timeout`` (s), ``tolerance`` and ``speed_scale`` are each goal's own, as in ``Client.move_to``. What interrupts
    this cancels the motion. Returns with the first goal that is missed. Raises ClientError where the planner rejects a
    goal, or is silent.
    """
    for number, goal in enumerate(goals, start=1):
        news = _News(number, passing if number < len(goals) else -1.0, on_feedback)
        pending = client.move_to(goal, timeout, tolerance, speed_scale, news.hear)
        _wait(pending, news)
        if pending.done():
            arrival = Arrival(number, pending.wait(0.0))
            if not arrival.reached or number == len(goals):
                return arrival
    raise ValueError("a route without goals; allowed: one or more")


class _News:
    """What is heard of one goal: when last, and whether it is near enough."""

    def __init__(self, number: int, near: float, on_feedback: Hear):
        self._number, self._near, self._on_feedback = number, near, on_feedback
        self.time = time.monotonic()
        self.passed = threading.Event()

    def hear(self, feedback: MoveToGoal.Feedback) -> None:
        self.time = time.monotonic()
        self._on_feedback(self._number, feedback)
        if feedback.distance <= self._near:
            self.passed.set()


def _wait(pending: PendingGoal, news: _News) -> None:
    """Until a goal has ended or is passed. Cancels it where this is interrupted."""
    try:
        while not pending.done() and not news.passed.wait(POLL):
            if time.monotonic() - news.time > SILENCE:
                raise ClientError(f"heard nothing of the motion for {SILENCE:g} s; does the planner still run?")
    except BaseException:
        pending.cancel()
        pending.wait(STOPPING)
        raise
