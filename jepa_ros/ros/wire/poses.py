"""Planar poses and what is drawn from them ⇄ messages."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

from geometry_msgs.msg import Pose as PoseMessage
from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import OccupancyGrid, Path
from std_msgs.msg import Header

from jepa_ros.memory.blocked import Grid
from jepa_ros.memory.poses import Pose


def pose_message(pose: Pose) -> PoseMessage:
    """A pose (x, y, yaw) on the ground."""
    message = PoseMessage()
    message.position.x, message.position.y = float(pose[0]), float(pose[1])
    message.orientation.z, message.orientation.w = math.sin(pose[2] / 2), math.cos(pose[2] / 2)
    return message


def stamped(pose: Pose, header: Header) -> PoseStamped:
    """A pose with the stamp and frame of a header."""
    return PoseStamped(header=header, pose=pose_message(pose))


def path_message(way: Sequence[Pose], header: Header) -> Path:
    """A way, pose by pose."""
    return Path(header=header, poses=[stamped(pose, header) for pose in way])


def grid_message(grid: Grid, header: Header) -> OccupancyGrid:
    """A grid as maps are published."""
    message = OccupancyGrid(header=header)
    message.info.map_load_time, message.info.resolution = header.stamp, grid.resolution
    message.info.height, message.info.width = grid.cells.shape
    message.info.origin = pose_message((*grid.origin, 0.0))
    message.data = array("b", grid.cells.tobytes())
    return message
