"""Time for watchdogs: it never runs back, whatever becomes of clocks and stamps."""

from __future__ import annotations

import threading

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

STALE = 1.5  # periods without news after which the present is unknown


class SteadyTime:
    """Seconds of a steady clock, which nobody sets; of simulated time where the node lives by that.

    Simulated time may stand still, and then nothing grows old. Where it jumps back, as when a simulation begins anew,
    seconds go on from where they were. Safe to use from any thread.
    """

    def __init__(self, node: Node):
        simulated = node.get_parameter("use_sim_time").value
        self._clock = node.get_clock() if simulated else Clock(clock_type=ClockType.STEADY_TIME)
        self._lock = threading.Lock()
        self._read = self._lost = 0.0

    def now(self) -> float:
        """Seconds since some moment."""
        with self._lock:
            read = self._clock.now().nanoseconds * 1e-9
            self._lost += max(0.0, self._read - read)
            self._read = read
            return read + self._lost


class Age:
    """How long ago the newest of something came in, by when it came and not by its stamp."""

    def __init__(self, time: SteadyTime):
        self._time, self._came = time, -float("inf")

    def renew(self) -> None:
        """It came in now."""
        self._came = self._time.now()

    def seconds(self) -> float:
        """Seconds since then, infinite where nothing came yet."""
        return self._time.now() - self._came
