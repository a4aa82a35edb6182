"""When a message came in."""

from __future__ import annotations

from collections.abc import Mapping

from rclpy.node import Node

BELIEVED = 1_000_000_000  # ns ago at most; older ones are of another clock, or the middleware does not say


def arrival_ns(node: Node, info: Mapping[str, int]) -> int:
    """Nanoseconds on the node's clock at which the middleware received a message, given what it says of it.

    A callback may have to wait for its turn: to judge what a robot does by that time would mistake a busy processor for
    a lazy robot. In simulated time, which the middleware does not know, it is the time of the callback.
    """
    now, received = node.get_clock().now().nanoseconds, info["received_timestamp"]
    return received if 0 <= now - received <= BELIEVED else now
