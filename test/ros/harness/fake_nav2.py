"""A node that drives the base like Nav2: where goal_pose says, until it is there, called off, or told to give up."""

from __future__ import annotations

import math
import threading

import numpy as np
from action_msgs.msg import GoalStatus, GoalStatusArray
from action_msgs.srv import CancelGoal
from geometry_msgs.msg import PoseStamped, Twist
from rclpy.qos import qos_profile_action_status_default

from harness.graph import Graph
from harness.room import DRIVEN, ScriptedBase

PERIOD = 0.05  # s
SPEED = 0.7  # m/s
PASSED = 0.08  # m from a corner of its path at which it makes for the next
THERE = 0.1  # m, its goal checker's tolerance
MARGIN = 0.03  # m that its paths keep from furniture


class FakeNav2:
    """Knows the room as Nav2 knows a map. ``goals`` are those that came in; ``gives_up_after`` (s) has it abort."""

    def __init__(self, graph: Graph, base: ScriptedBase, namespace: str):
        self._graph, self._base = graph, base
        self.node = graph.node("test_nav2", namespace)
        self.goals: list[PoseStamped] = []
        self.gives_up_after = math.inf
        self.cancels = 0
        self._lock = threading.Lock()
        self._path: list[np.ndarray] = []
        self._status, self._driven = GoalStatus(), 0.0
        self._velocity = self.node.create_publisher(Twist, DRIVEN, 1)
        self._statuses = self.node.create_publisher(
            GoalStatusArray, "navigate_to_pose/_action/status", qos_profile_action_status_default
        )
        self.node.create_subscription(PoseStamped, "goal_pose", self._on_goal, 10)
        self.node.create_service(CancelGoal, "navigate_to_pose/_action/cancel_goal", self._on_cancel)
        self.node.create_timer(PERIOD, self._drive)

    @property
    def driving(self) -> bool:
        return bool(self._path)

    def close(self) -> None:
        self._graph.remove(self.node)

    def _on_goal(self, message: PoseStamped) -> None:
        self.goals.append(message)
        goal = np.array([message.pose.position.x, message.pose.position.y])
        self._path = list(self._base.room.free_space.shortest_path(self._base.position, goal)[1:])
        self._driven = 0.0
        self._tell(GoalStatus.STATUS_EXECUTING)

    def _on_cancel(self, request: CancelGoal.Request, response: CancelGoal.Response) -> CancelGoal.Response:
        self.cancels += 1
        if self.driving:
            self._end(GoalStatus.STATUS_CANCELED)
        return response

    def _drive(self) -> None:
        if not self.driving:
            return
        self._driven += PERIOD
        way = self._path[0] - self._base.position
        if np.hypot(*way) < (THERE if len(self._path) == 1 else PASSED):
            self._path.pop(0)
            if not self._path:
                self._end(GoalStatus.STATUS_SUCCEEDED)
            return
        if self._driven > self.gives_up_after:
            self._end(GoalStatus.STATUS_ABORTED)
            return
        speed = way / max(np.hypot(*way) / SPEED, 1.0 * PERIOD)
        self._send(*speed)

    def _end(self, status: int) -> None:
        self._path = []
        self._send(0.0, 0.0)
        self._tell(status)

    def _send(self, x: float, y: float) -> None:
        message = Twist()
        message.linear.x, message.linear.y = float(x), float(y)
        self._velocity.publish(message)

    def _tell(self, status: int) -> None:
        self._status.status = status
        self._statuses.publish(GoalStatusArray(status_list=[self._status]))
