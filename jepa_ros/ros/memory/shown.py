"""What the planner shows of its memory: the way that it follows, and what is in the way of others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from nav_msgs.msg import OccupancyGrid, Path
from rclpy.qos import QoSProfile
from std_msgs.msg import Header

from jepa_ros.memory import Memory
from jepa_ros.memory.blocked import Surprises, draw
from jepa_ros.memory.poses import Pose
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.memory.poses import Poses
from jepa_ros.ros.wire.poses import grid_message, path_message
from jepa_ros.ros.wire.streams import LATCHED

PERIOD = 1.0  # s between looks at whether something is in the way that was not before


class WayShown:
    """Publishes ways on ~/path."""

    def __init__(self, node: LifecycleNode):
        self._node = node
        self._publisher = node.announce(Path, "~/path", QoSProfile(depth=1))

    def wanted(self) -> bool:
        """Whether somebody looks."""
        return self._publisher.get_subscription_count() > 0

    def publish(self, way: Sequence[Pose], frame: str) -> None:
        """Show a way whose poses are of this frame."""
        self._publisher.publish(path_message(way, _header(self._node, frame)))


class BlockedMap:
    """Publishes on ~/blocked, as maps are, what was struck out and where the robot is surprised, when it changes.

    Whoever comes later gets the newest.
    """

    def __init__(self, node: LifecycleNode, memory: Memory | None, poses: Poses | None):
        self._node, self._memory, self._poses = node, memory, poses
        self._resolution = value(node, "blocked.resolution")
        self._surprises = Surprises(self._resolution)
        self._shown: object = None
        if poses is not None:
            self._publisher = node.announce(OccupancyGrid, "~/blocked", LATCHED)
            timer = node.create_timer(PERIOD, self._refresh)
            node.own(lambda: node.destroy_timer(timer))

    def judge(self, stamp_ns: int, anomalous: bool) -> None:
        """A verdict on what was perceived at a stamp."""
        pose = None if self._poses is None else self._poses.at(stamp_ns)
        if pose is not None:
            self._surprises.see(pose, anomalous)

    def _refresh(self) -> None:
        if not self._poses.frame:
            return
        moves, surprising = self._moves(), sorted(self._surprises.cells)
        if (moves, surprising) != self._shown:
            self._shown = moves, surprising
            grid = draw(moves, surprising, self._resolution)
            self._publisher.publish(grid_message(grid, _header(self._node, self._poses.frame)))

    def _moves(self) -> list[tuple[Pose, Pose]]:
        """From where to where no way leads, as far as poses are known."""
        if self._memory is None:
            return []
        found = self._memory.poses[self._memory.struck_out]
        found = found[np.isfinite(found).all(axis=(1, 2))]
        return [(tuple(start), tuple(end)) for start, end in found.tolist()]


def _header(node: LifecycleNode, frame: str) -> Header:
    return Header(stamp=node.get_clock().now().to_msg(), frame_id=frame)
