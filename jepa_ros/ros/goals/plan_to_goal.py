"""The action plan_to_goal: say how the robot would get there, without moving it."""

from __future__ import annotations

import math

import numpy as np
from rclpy.action.server import ServerGoalHandle

from jepa_ros.planning import Plan
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.goals.goal_action import GoalAction, Robot
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.goals.remedies import CODES
from jepa_ros.ros.goals.turns import Turns
from jepa_ros.ros.wire.messages import duration, prediction_message, seconds
from jepa_ros.ros.wire.trajectories import plan_trajectory
from jepa_ros_interfaces.action import PlanToGoal


class PlanToGoalAction(GoalAction):
    """Refines a plan until the goal's time budget is used up, reporting every iteration."""

    def __init__(self, robot: Robot):
        super().__init__(robot, PlanToGoal, "plan_to_goal", Turns())

    def pursue(self, handle: ServerGoalHandle, result: PlanToGoal.Result) -> None:
        request = handle.request
        robot, node = self.robot, self.robot.node
        budget = seconds(request.time_budget) or value(node, "time_budget")
        if budget < 0:
            raise GoalError(CODES.INVALID_GOAL, f"time_budget of {budget:g} s; allowed: 0 (the default) or more")
        goal = robot.goals.read(request.goal)
        planner = self.planner(request.planner, robot.contract.limits, goal)
        snapshot = self.observe(handle, value(node, "input_timeout"), value(node, "input_timeout"))
        begin = robot.inputs.now()
        for plan in planner.plan_within(robot.model, snapshot.context, goal, self.present(snapshot), budget):
            self._report(handle, plan)
            self.turns.check(handle)
        if not math.isfinite(plan.cost):
            raise GoalError(CODES.NO_PLAN, "no candidate has a finite predicted distance to the goal")
        result.planning_time = duration(robot.inputs.now() - begin)
        self._fill(result, plan, snapshot)

    @staticmethod
    def _report(handle: ServerGoalHandle, plan: Plan) -> None:
        best = float(plan.distances.min())
        handle.publish_feedback(PlanToGoal.Feedback(iteration=plan.iteration, best_distance=best))

    def _fill(self, result: PlanToGoal.Result, plan: Plan, snapshot: Snapshot) -> None:
        robot, contract = self.robot, self.robot.contract
        result.prediction = prediction_message(
            plan.prediction,
            plan.actions,
            snapshot.header,
            robot.model.name,
            contract.period * robot.model.architecture.action_block,
            contract.action_names,
        )
        motion = robot.commander.motion(snapshot.state)
        result.trajectory = plan_trajectory(contract, plan.actions.cpu().numpy().astype(np.float64), motion)
        result.start_distance = plan.start_distance
        result.final_distance = float(plan.distances[-1])
