"""World model and planner in one process, with one copy of the model between them."""

from __future__ import annotations

from collections.abc import Sequence

from rclpy.executors import Executor
from rclpy.node import Node

from jepa_ros.ros.base.running import run
from jepa_ros.ros.nodes import planner_node, world_model_node


def start() -> Sequence[tuple[Node, Executor]]:
    """Both nodes, each with the executor it has when it runs alone."""
    return [*world_model_node.start(), *planner_node.start()]


def main(args: Sequence[str] | None = None) -> int:
    """Run both nodes until a signal; ``args`` are ROS arguments. Returns the exit status."""
    return run(start, args)
