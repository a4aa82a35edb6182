"""Executors that go on when what they look at is destroyed by another thread."""

from __future__ import annotations

import time
from collections import deque

from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor
from rclpy.impl.implementation_singleton import rclpy_implementation

PAUSE = 0.01  # s in which a thread that destroys entities gets to forget them
RACES = 100  # one upon the other that are none any more
RCLError = rclpy_implementation.RCLError


def spin_on(executor: Executor) -> None:
    """Spin until the executor is shut down, past entities that are destroyed while it looks at them.

    rclpy foresees that in most places, not in all. What goes wrong again and again has another reason, and is raised.
    """
    races: deque[float] = deque(maxlen=RACES)
    while True:
        try:
            return executor.spin()
        except (InvalidHandle, RCLError):
            races.append(time.monotonic())
            if len(races) == RACES and races[-1] - races[0] < 2 * RACES * PAUSE:
                raise
            time.sleep(PAUSE)
