"""How old what came in is: the clock that ages count on, and what is too old to decide anything by."""

from __future__ import annotations

from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node

STALE = 1.5  # periods without news after which the present is unknown


class Ages:
    """Seconds on a steady clock, or on simulated time where the node uses it; what stamps say plays no part."""

    def __init__(self, node: Node):
        simulated = node.get_parameter("use_sim_time").value
        self._clock = node.get_clock() if simulated else Clock(clock_type=ClockType.STEADY_TIME)

    def now(self) -> float:
        """The time, from which and to which ages are counted."""
        return self._clock.now().nanoseconds * 1e-9
