"""The action explore: fill the robot's memory, until enough is covered."""

from __future__ import annotations

from rclpy.action.server import ServerGoalHandle

from jepa_ros.memory import Exploration
from jepa_ros.memory.exploration import COVERAGE
from jepa_ros.planning import Outcome, Step
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.goals.goal_action import Robot
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.goals.motion import MotionAction, Wheel
from jepa_ros.ros.goals.remedies import ASK_FOR_LESS, CODES
from jepa_ros.ros.goals.searches import make_planner
from jepa_ros.ros.wire.messages import seconds
from jepa_ros_interfaces.action import Explore


class ExploreAction(MotionAction):
    """Goes where memory is thin. What is seen on the way is put there as always."""

    def __init__(self, robot: Robot, wheel: Wheel):
        super().__init__(robot, wheel, Explore, "explore")

    def pursue(self, handle: ServerGoalHandle, result: Explore.Result) -> None:
        request, memory = handle.request, self.robot.places.memory
        limits, wanted = self.limits(request), request.coverage or COVERAGE
        self._check(wanted)
        timeout = seconds(request.timeout) or value(self.robot.node, "timeout")
        planner = make_planner(self.robot.node, self.robot.model, limits)
        try:
            exploration = Exploration(memory, planner, wanted, timeout, self.robot.inputs.now())
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, str(error)) from error
        for step, snapshot in self.lead(handle, result, exploration, limits):
            result.coverage, result.places = exploration.coverage, len(memory)
            if step.outcome is None:
                self._report(handle, result, step, snapshot)
        if step.outcome is Outcome.TIMED_OUT:
            covered = f"{exploration.coverage:.2f} of the {wanted:.2f} wanted"
            raise GoalError(CODES.TIMED_OUT, f"after {timeout:g} s {covered} was covered", ASK_FOR_LESS)

    def _report(self, handle: ServerGoalHandle, result: Explore.Result, step: Step, snapshot: Snapshot) -> None:
        """Tell the client how it goes."""
        handle.publish_feedback(
            Explore.Feedback(phase=step.phase, coverage=result.coverage, places=result.places, p_value=snapshot.p_value)
        )

    def _check(self, coverage: float) -> None:
        if not 0 < coverage <= 1:
            raise GoalError(
                CODES.INVALID_GOAL, f"coverage {coverage:g}; allowed: above 0, up to 1, or 0 for {COVERAGE:g}"
            )
        if self.robot.places.memory is None:
            raise GoalError(CODES.INVALID_GOAL, "there is no memory to fill: it was refused, and the log says why")
        if not value(self.robot.node, "learn"):
            raise GoalError(CODES.INVALID_GOAL, "nothing would be remembered: the planner's parameter learn is false")
