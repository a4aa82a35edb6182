"""Messages taken as bytes, and read here.

Over bytes that are no message of its kind Fast DDS 3.2 goes round in circles for good, and the whole process with it.
There are such bytes: whoever subscribes while a large message is under way may be given an empty one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from rclpy.subscription import Subscription

from jepa_ros.contract import StreamError


def subscribe(
    node: Node,
    kind: type,
    topic: str,
    callback: Callable[[bytes, Mapping[str, int]], None],
    qos: QoSProfile | int,
    **options: Any,
) -> Subscription:
    """Subscribe with ``callback(data, info)``, for :func:`read`; what is empty is passed over."""

    def take(data: bytes, info: Mapping[str, int]) -> None:
        if data:
            callback(data, info)

    return node.create_subscription(kind, topic, take, qos, raw=True, **options)


def take_waiting(subscription: Subscription, until_ns: int) -> None:
    """Hand over what came in by then (ns since 1970) and waits for its turn; no executor may be at it meanwhile."""
    while (taken := subscription.handle.take_message(subscription.msg_type, subscription.raw)) is not None:
        subscription.callback(*taken)
        if taken[1]["received_timestamp"] > until_ns:
            return


def read(data: bytes, kind: type) -> Any:
    """The message that bytes stand for. Raises StreamError where they stand for none of the kind."""
    try:
        return deserialize_message(data, kind)
    except Exception as error:  # what rclpy raises here has changed from release to release
        raise StreamError(f"{len(data)} bytes that are no {kind.__name__}: {error}") from error
