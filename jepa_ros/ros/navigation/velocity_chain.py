"""Where a robot's commands enter the chain of velocities: at its head, never past what keeps it from collisions."""

from __future__ import annotations

from collections.abc import Iterable

from rclpy.node import Node
from rclpy.topic_endpoint_info import TopicEndpointInfo

from jepa_ros.contract import Contract, Entry

MONITOR = "collision_monitor"  # Nav2's node, whatever its namespace
VELOCITIES = ("geometry_msgs/msg/Twist", "geometry_msgs/msg/TwistStamped")


def objection(node: Node, contract: Contract) -> str | None:
    """Why no velocity may be sent on the contract's action topics, as the graph is now; None where nothing is wrong."""
    for entry in contract.actions.values():
        if entry.channel.type in VELOCITIES:
            found = _past_the_monitor(node, entry) or _unheard(node, entry)
            if found is not None:
                return found
    return None


def _past_the_monitor(node: Node, entry: Entry) -> str | None:
    topic = entry.channel.topic
    for publisher in _others(node, node.get_publishers_info_by_topic(topic)):
        if MONITOR in publisher.node_name:
            return (
                f"{topic} is where {publisher.node_name} sends what the base may do: commands there would go past it; "
                "let the contract name the head of the velocity chain, which velocity_smoother listens to (cmd_vel_nav)"
            )
    return None


def _unheard(node: Node, entry: Entry) -> str | None:
    topic, kind = entry.channel.topic, entry.channel.type
    for listener in _others(node, node.get_subscriptions_info_by_topic(topic)):
        if listener.topic_type in VELOCITIES and listener.topic_type != kind:
            return (
                f"{topic}: {listener.node_name} listens to {listener.topic_type}, the contract sends {kind}; change "
                "the contract's type, or the parameter enable_stamped_cmd_vel of Nav2's nodes"
            )
    return None


def _others(node: Node, endpoints: Iterable[TopicEndpointInfo]) -> Iterable[TopicEndpointInfo]:
    own = node.get_name(), node.get_namespace()
    return [endpoint for endpoint in endpoints if (endpoint.node_name, endpoint.node_namespace) != own]
