"""The contract's topics as subscriptions: message type, quality of service, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from rclpy.node import Node
from rclpy.qos import (
    DurabilityPolicy,
    HistoryPolicy,
    LivelinessPolicy,
    QoSProfile,
    ReliabilityPolicy,
    qos_profile_sensor_data,
)

from jepa_ros.contract import Entry, StreamError, UnrelatedMessage, read_values
from jepa_ros.ros.base.lifecycle import LifecycleNode, Refusal
from jepa_ros.ros.base.reading import read, subscribe
from jepa_ros.ros.wire.messages import message_class

RELIABLE = QoSProfile(depth=10)
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def qos_of(entry: Entry, default: QoSProfile = qos_profile_sensor_data) -> QoSProfile:
    """The quality of service that the contract asks for, else the default of the entry's use."""
    wanted = entry.channel.qos
    if wanted is None:
        return default
    kinds = {
        "reliability": (ReliabilityPolicy, default.reliability),
        "durability": (DurabilityPolicy, default.durability),
        "history": (HistoryPolicy, HistoryPolicy.KEEP_LAST),
        "liveliness": (LivelinessPolicy, default.liveliness),
    }
    chosen: dict[str, Any] = {
        name: policy[getattr(wanted, name).upper()] if getattr(wanted, name) else usual
        for name, (policy, usual) in kinds.items()
    }
    return QoSProfile(depth=wanted.depth, **chosen)


def header_ns(message: Any) -> int:
    """When the message says it was measured; 0 where it does not say."""
    header = getattr(message, "header", None)
    return 0 if header is None else header.stamp.sec * 1_000_000_000 + header.stamp.nanosec


def class_of(entry: Entry) -> type:
    """The message class of an entry. Raises Refusal where its package is not installed here."""
    try:
        return message_class(entry.channel.type)
    except (ImportError, AttributeError) as error:
        raise Refusal(f"{entry.channel.topic}: message type {entry.channel.type} is not installed ({error})") from error


def listen_numbers(
    node: LifecycleNode,
    entry: Entry,
    take: Callable[[np.ndarray, int, int], None],
    default: QoSProfile,
    **options: Any,
) -> None:
    """Subscribe to a numeric topic: ``take(values, receive_ns, header_ns)``; other robots' messages pass unnoticed."""

    def callback(message: Any, receive_ns: int) -> None:
        try:
            values = read_values(entry, message)
        except UnrelatedMessage:
            return
        take(values, receive_ns, header_ns(message))

    node.listen(class_of(entry), entry.channel.topic, callback, qos_of(entry, default), **options)


def listen_values(node: Node, entry: Entry, take: Callable[[np.ndarray], None]) -> None:
    """Subscribe to a numeric topic from any node: ``take(values)``; what can't be read is passed over."""

    def callback(message: Any) -> None:
        take(read_values(entry, message))

    listen_messages(node, entry, callback)


def listen_messages(node: Node, entry: Entry, take: Callable[[Any], None]) -> None:
    """Subscribe to a topic from any node: ``take(message)``; what can't be read is passed over."""
    kind = class_of(entry)

    def callback(data: bytes, _info: Mapping[str, int]) -> None:
        with suppress(StreamError):
            take(read(data, kind))

    subscribe(node, kind, entry.channel.topic, callback, qos_of(entry))
