"""What a node says about its own health on /diagnostics."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

PERIOD = 1.0  # s between reports
PAUSE_NS = 1_000_000_000  # longest gap that counts as a loss of messages
WINDOW = 300  # newest samples that rates and percentiles are computed of


class Stream:
    """Arrival of one input: how many messages come a second, how many were lost.

    A stream that keeps a regular rate loses a frame when the gap between two stamps spans several of its periods;
    where it spans a second or more, or time runs back, nothing was lost: the sender paused.
    """

    def __init__(self) -> None:
        self._stamps: deque[int] = deque(maxlen=WINDOW)
        self._gaps: deque[int] = deque(maxlen=WINDOW)
        self.received = 0
        self.lost = 0

    def arrive(self, stamp_ns: int) -> None:
        if self._stamps and not 0 < stamp_ns - self._stamps[-1] < PAUSE_NS:
            self._stamps.clear()
        gap = 0
        if len(self._stamps) > 30:
            usual = (self._stamps[-1] - self._stamps[0]) / (len(self._stamps) - 1)
            gap = max(0, round((stamp_ns - self._stamps[-1]) / usual) - 1)
        self._gaps.append(gap)
        self._stamps.append(stamp_ns)
        self.received += 1
        self.lost += gap

    def losses(self) -> float:
        """The share of the newest messages that was lost."""
        lost = sum(self._gaps)
        return lost / (lost + len(self._gaps)) if lost else 0.0

    def rate(self) -> float:
        """Messages per second, 0 before there are two."""
        if len(self._stamps) < 2:
            return 0.0
        return (len(self._stamps) - 1) * 1e9 / (self._stamps[-1] - self._stamps[0])


class Latency:
    """Percentiles of the newest durations."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=WINDOW)

    def add(self, seconds: float) -> None:
        self._seconds.append(seconds)

    def milliseconds(self, percentile: float) -> float:
        return float(np.percentile(self._seconds, percentile)) * 1e3 if self._seconds else float("nan")


class Diagnostics:
    """Publishes one status per second of a steady clock: ``report()`` gives (level, message, values)."""

    def __init__(self, node: Node, hardware: str, report: Callable[[], tuple[bytes, str, dict[str, str]]]):
        self._node, self._hardware, self._report = node, hardware, report
        self._publisher = node.create_publisher(DiagnosticArray, "/diagnostics", 10)
        self._timer = node.create_timer(PERIOD, self._publish, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def destroy(self) -> None:
        self._node.destroy_timer(self._timer)
        self._node.destroy_publisher(self._publisher)
        del self._timer  # which holds a method of this

    def _publish(self) -> None:
        level, message, values = self._report()
        status = DiagnosticStatus(
            level=level,
            name=self._node.get_fully_qualified_name(),
            message=message,
            hardware_id=self._hardware,
            values=[KeyValue(key=key, value=value) for key, value in values.items()],
        )
        array = DiagnosticArray(status=[status])
        array.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(array)
