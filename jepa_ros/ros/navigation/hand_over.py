"""The far part of a long route, driven by a navigation stack while the planner waits."""

from __future__ import annotations

import time
from collections.abc import Callable

from jepa_ros.memory.far_part import far_part, near
from jepa_ros.memory.poses import Pose
from jepa_ros.planning import Pursuit, Step
from jepa_ros.planning.guide import DIRECT
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.goals.goal_action import POLL, Robot
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.goals.remedies import CODES, END_NAVIGATION
from jepa_ros.ros.wire.streams import header_ns

BROUGHT = "brought by the navigation stack"


class HandOver:
    """Has a robot brought near to the goal of a pursuit that memory guides, where the route is long."""

    def __init__(self, robot: Robot, pursuit: Pursuit):
        self._robot, self._pursuit = robot, pursuit
        self._first: float | None = None

    def bring(self, look: Callable[[], Snapshot], report: Callable[[Step, Snapshot], None]) -> None:
        """Return as soon as the robot is near, or nobody drives it; none of its own commands are sent until then.

        ``look`` gives what is perceived, or raises why the goal must end; ``report`` is told about once per period.
        Raises GoalError also where time is up, or the stack can't be called off.
        """
        snapshot = look()
        step = self._step(snapshot)
        where = self._where(snapshot)
        if where is None:
            return
        stack, node = self._robot.stack, self._robot.node
        node.get_logger().info(f"the navigation stack brings the robot to ({where[0]:.2f}, {where[1]:.2f})")
        stack.send(where, self._robot.places.poses.frame)
        try:
            while not (stack.ended() or self._near(where, step, snapshot)):
                report(step, snapshot)
                self._wait(look)
                snapshot = look()
                step = self._step(snapshot)
        finally:
            still = not stack.call_off()
        if still:
            cause = "the navigation stack drives on although it was called off"
            raise GoalError(CODES.PREEMPTED, cause, END_NAVIGATION)

    def _where(self, snapshot: Snapshot) -> Pose | None:
        """Where the robot shall be brought, None where it goes all the way by itself."""
        node = self._robot.node
        way = self._robot.places.way(self._pursuit.guide, header_ns(snapshot))
        where = far_part(way, value(node, "hand_over.beyond"), value(node, "hand_over.last"))
        missing = self._robot.stack.missing()
        if where is not None and missing:
            node.complaints.add("hand-over", f"{missing}; the planner goes all the way itself")
            return None
        return where

    def _near(self, where: Pose, step: Step, snapshot: Snapshot) -> bool:
        """Whether the robot is where it was sent, or the goal in the model's reach."""
        pose = self._robot.places.poses.at(header_ns(snapshot))
        there = pose is not None and near(pose, where, value(self._robot.node, "hand_over.radius"))
        return there or step.way == DIRECT

    def _step(self, snapshot: Snapshot) -> Step:
        """How far it is still, as the pursuit's guide sees it."""
        robot, pursuit = self._robot, self._pursuit
        if robot.inputs.now() - pursuit.began > pursuit.patience.timeout:
            raise GoalError(CODES.TIMED_OUT, "the robot was not brought near the goal in time")
        state = robot.model.state_mean.new_tensor(snapshot.state)
        distance = float(pursuit.goal.distance(snapshot.latent[0], lambda: state))
        aim = pursuit.guide.look(snapshot.latent[0], distance)
        self._first = self._first or aim.to_go
        progress = min(max(1.0 - aim.to_go / self._first, 0.0), 1.0) if self._first else 1.0
        return Step(distance, progress, BROUGHT, way=aim.way)

    def _wait(self, look: Callable[[], Snapshot]) -> None:
        """A period, watching for a reason to end before."""
        end = time.monotonic() + self._robot.contract.period
        while time.monotonic() < end:
            time.sleep(POLL)
            look()
