"""A navigation stack that drives where it is sent: Nav2, by a topic, and called off by its action's services."""

from __future__ import annotations

import time
from collections.abc import Callable

from action_msgs.msg import GoalStatus, GoalStatusArray
from action_msgs.srv import CancelGoal
from geometry_msgs.msg import PoseStamped
from rclpy.qos import QoSProfile, qos_profile_action_status_default
from std_msgs.msg import Header

from jepa_ros.memory.poses import Pose
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.base.parameters import Parameter, value
from jepa_ros.ros.wire.poses import stamped

PARAMETERS = (
    Parameter(
        "hand_over.topic",
        "",
        "topic, such as Nav2's goal_pose, on which the far part of a long route is handed over; empty: never",
        read_only=True,
    ),
    Parameter(
        "hand_over.action",
        "navigate_to_pose",
        "action of whoever drives there: its status is heard, and its cancel service calls it off",
        read_only=True,
    ),
    Parameter("hand_over.beyond", 3.0, "length of a route whose far part is handed over", "m", 0.1, 1000.0),
    Parameter("hand_over.last", 1.0, "end of a route that is never handed over", "m", 0.0, 100.0),
    Parameter("hand_over.radius", 0.5, "how near to where it was sent the robot is taken over again", "m", 0.05, 10.0),
)
DRIVING = (GoalStatus.STATUS_ACCEPTED, GoalStatus.STATUS_EXECUTING, GoalStatus.STATUS_CANCELING)
STARTING = 5.0  # s that it gets to take up what it was sent
ENDING = 2.0  # s that it gets to come to an end when it is called off
AGAIN = 0.2  # s after which it is told so once more
POLL = 0.01  # s between looks at whether it has


class NavigationStack:
    """Sends somebody else to a pose, and knows whether that one still drives. All messages are standard ones."""

    def __init__(self, node: LifecycleNode):
        self._node = node
        self._topic, action = value(node, "hand_over.topic"), value(node, "hand_over.action")
        self._goals = node.announce(PoseStamped, self._topic, QoSProfile(depth=1))
        self._canceling = node.create_client(CancelGoal, f"{action}/_action/cancel_goal")
        node.own(lambda: node.destroy_client(self._canceling))
        self._driving = self._began = False
        self._sent = 0.0
        node.listen(GoalStatusArray, f"{action}/_action/status", self._on_status, qos_profile_action_status_default)

    def missing(self) -> str:
        """Why nobody can be sent, in words; empty where somebody can, and can be called off."""
        if not self._goals.get_subscription_count():
            return f"nobody listens to {self._topic}"
        if not self._canceling.service_is_ready():
            return f"there is no {self._canceling.srv_name} to call it off by"
        return ""

    def send(self, pose: Pose, frame: str) -> None:
        """Send it to a pose in a frame; the robot is its own until it ends or is called off."""
        self._began, self._sent = False, time.monotonic()
        header = Header(stamp=self._node.get_clock().now().to_msg(), frame_id=frame)
        self._goals.publish(stamped(pose, header))

    def ended(self) -> bool:
        """Whether it drives no more, or has never begun to."""
        if self._began:
            return not self._driving
        return time.monotonic() - self._sent > STARTING

    def call_off(self) -> bool:
        """End whatever it does, and wait for that. False where it drives on.

        It may take up late what it was sent, so it is told again until it has begun and ended.
        """
        deadline = time.monotonic() + ENDING
        while not self._over() and time.monotonic() < deadline:
            self._canceling.call_async(CancelGoal.Request())  # all zeros: every goal of whoever
            _wait_for(self._over, AGAIN)
        return not self._driving

    def _over(self) -> bool:
        return self._began and not self._driving

    def _on_status(self, message: GoalStatusArray, _receive_ns: int) -> None:
        self._driving = any(goal.status in DRIVING for goal in message.status_list)
        self._began |= self._driving


def _wait_for(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(POLL)
