"""The action move_to_goal: bring the robot to the goal, looking all the while."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from rclpy.action.server import ServerGoalHandle

from jepa_ros.contract import Limits
from jepa_ros.memory import MemoryGuide
from jepa_ros.planning import Goal, Guide, Outcome, Patience, Pursuit, Step
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.goals.display import MotionDisplay
from jepa_ros.ros.goals.goal_action import Robot
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.goals.motion import MotionAction, Wheel
from jepa_ros.ros.goals.remedies import CODES
from jepa_ros.ros.navigation.hand_over import HandOver
from jepa_ros.ros.wire.messages import seconds
from jepa_ros.ros.wire.streams import header_ns
from jepa_ros_interfaces.action import MoveToGoal

FAILURES = {
    Outcome.TIMED_OUT: (CODES.TIMED_OUT, "the goal was not reached in time"),
    Outcome.STUCK: (CODES.STUCK, "the distance to the goal no longer shrinks"),
    Outcome.SURPRISED: (
        CODES.SURPRISED,
        "the world keeps doing what the model does not predict; is something in the way?",
    ),
    Outcome.NO_PLAN: (CODES.NO_PLAN, "no candidate has a finite predicted distance to the goal"),
}


class MoveToGoalAction(MotionAction):
    """Pursues a goal."""

    def __init__(self, robot: Robot, wheel: Wheel):
        super().__init__(robot, wheel, MoveToGoal, "move_to_goal")

    def pursue(self, handle: ServerGoalHandle, result: MoveToGoal.Result) -> None:
        pursuit, limits = self._begin(handle, self.robot.inputs.now())
        shown = self.robot.display.begin(handle.request.goal, pursuit.tolerance)
        tell = partial(self._tell, handle, result, pursuit, shown)
        if self.robot.stack is not None and isinstance(pursuit.guide, MemoryGuide):
            self._be_brought(handle, pursuit, tell)
        for step, snapshot in self.lead(handle, result, pursuit, limits):
            result.final_distance, result.replans = step.distance, pursuit.replans
            if step.outcome is None:
                tell(step, snapshot)
        if step.outcome != Outcome.ARRIVED:
            code, reason = FAILURES[step.outcome]
            raise GoalError(code, f"{reason} (distance {step.distance:.3f}, tolerance {pursuit.tolerance:.3f})")

    def _begin(self, handle: ServerGoalHandle, now: float) -> tuple[Pursuit, Limits]:
        """What is asked for, checked once, at the door."""
        request, robot, node = handle.request, self.robot, self.robot.node
        limits = self.limits(request)
        if not (math.isfinite(request.tolerance) and request.tolerance >= 0):
            raise GoalError(CODES.INVALID_GOAL, f"tolerance {request.tolerance:g}; allowed: a finite distance, or 0")
        goal = robot.goals.read(request.goal)
        patience = Patience(
            dwell=value(node, "dwell"),
            timeout=seconds(request.timeout) or value(node, "timeout"),
            stuck=value(node, "stuck_after"),
            surprise=value(node, "surprised_after"),
        )
        tolerance = request.tolerance or robot.model.calibration.tolerance
        planner = self.planner(request.planner, limits, goal)
        return Pursuit(robot.model, planner, goal, tolerance, patience, now, self._guide(goal)), limits

    def _guide(self, goal: Goal) -> Guide | None:
        """Who leads to the goal, where that is not straight."""
        try:
            return self.robot.places.guide(goal)
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, f"the planner's {error}") from error

    def _be_brought(self, handle: ServerGoalHandle, pursuit: Pursuit, tell: Callable[[Step, Snapshot], None]) -> None:
        """Let the navigation stack drive the far part of a long route."""
        self._stop()
        HandOver(self.robot, pursuit).bring(lambda: self._look(handle), tell)

    def _tell(
        self,
        handle: ServerGoalHandle,
        result: MoveToGoal.Result,
        pursuit: Pursuit,
        shown: MotionDisplay,
        step: Step,
        snapshot: Snapshot,
    ) -> None:
        """Tell the client, and whoever looks, how it goes."""
        shown.show(step, snapshot)
        self.robot.places.show(pursuit.guide, header_ns(snapshot))
        handle.publish_feedback(
            MoveToGoal.Feedback(
                phase=step.words,
                step=result.steps,
                distance=step.distance,
                progress=step.progress,
                p_value=snapshot.p_value,
            )
        )
