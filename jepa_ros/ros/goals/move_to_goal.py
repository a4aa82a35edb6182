"""The action move_to_goal: bring the robot to the goal, looking all the while."""

from __future__ import annotations

import math
import time

from rclpy.action.server import ServerGoalHandle

from jepa_ros.contract import Limits, slowed
from jepa_ros.planning import Outcome, Patience, Pursuit, Step
from jepa_ros.ros.base.diagnostics import Latency
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.goals.goal_action import POLL, GoalAction, Robot
from jepa_ros.ros.goals.goal_reader import CODES, GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.wire.messages import duration, seconds
from jepa_ros_interfaces.action import MoveToGoal

SLACK = 0.2  # of a period: how much of a delay the next command makes up for; more would send commands in bursts
STALE = 1.5  # periods without news after which the robot is stopped
FAILURES = {
    Outcome.TIMED_OUT: (CODES.TIMED_OUT, "the goal was not reached in time"),
    Outcome.STUCK: (CODES.STUCK, "the distance to the goal no longer shrinks"),
    Outcome.SURPRISED: (
        CODES.SURPRISED,
        "the world keeps doing what the model does not predict; is something in the way?",
    ),
    Outcome.NO_PLAN: (CODES.NO_PLAN, "no candidate has a finite predicted distance to the goal"),
}


class MoveToGoalAction(GoalAction):
    """Runs a pursuit at the contract's rate. However it ends, the safety command is the last thing sent."""

    def __init__(self, robot: Robot):
        self.latency = Latency()
        super().__init__(robot, MoveToGoal, "move_to_goal")

    def pursue(self, handle: ServerGoalHandle, result: MoveToGoal.Result) -> None:
        began = self.robot.inputs.now()
        try:
            pursuit, limits = self._begin(handle, began)
            self._loop(handle, pursuit, limits, result)
        finally:
            self._stop()
            result.elapsed = duration(self.robot.inputs.now() - began)

    def _begin(self, handle: ServerGoalHandle, now: float) -> tuple[Pursuit, Limits]:
        """Check the request once, at the door."""
        request, robot, node = handle.request, self.robot, self.robot.node
        share = request.speed_scale or 1.0
        if not 0 < share <= 1:
            raise GoalError(
                CODES.INVALID_GOAL, f"speed_scale {share:g}; allowed: above 0, up to 1, or 0 for full speed"
            )
        if not (math.isfinite(request.tolerance) and request.tolerance >= 0):
            raise GoalError(CODES.INVALID_GOAL, f"tolerance {request.tolerance:g}; allowed: a finite distance, or 0")
        if seconds(request.timeout) < 0:
            raise GoalError(CODES.INVALID_GOAL, f"timeout of {seconds(request.timeout):g} s; allowed: 0 or more")
        goal = robot.goals.read(request.goal)
        limits = robot.contract.limits if share == 1 else slowed(robot.contract, share)
        patience = Patience(
            dwell=value(node, "dwell"),
            timeout=seconds(request.timeout) or value(node, "timeout"),
            stuck=value(node, "stuck_after"),
            surprise=value(node, "surprised_after"),
        )
        tolerance = request.tolerance or robot.model.calibration.tolerance
        planner = self.planner(request.planner, limits, goal)
        return Pursuit(robot.model, planner, goal, tolerance, patience, now), limits

    def _loop(self, handle: ServerGoalHandle, pursuit: Pursuit, limits: Limits, result: MoveToGoal.Result) -> None:
        """Once per period: look, plan, send, report."""
        period = self.robot.contract.period
        tick = self.robot.inputs.now()
        while True:
            snapshot = self._look(handle)
            begin = time.perf_counter()
            step = pursuit.step(
                self.robot.inputs.now(),
                snapshot.context,
                self.present(snapshot),
                snapshot.anomalous,
                self.foresee(snapshot),
            )
            self.latency.add(time.perf_counter() - begin)
            result.final_distance, result.replans = step.distance, pursuit.replans
            if step.outcome is not None:
                break
            self.robot.commander.send(step.plan.actions[0].cpu().numpy(), snapshot.state, limits)
            result.steps += 1
            self._report(handle, result, step, snapshot)
            self.robot.markers.show(step, snapshot.header, pursuit.tolerance)
            tick = max(tick, self.robot.inputs.now() - SLACK * period) + period
            self._wait_until(tick, handle)
        if step.outcome != Outcome.ARRIVED:
            code, reason = FAILURES[step.outcome]
            raise GoalError(code, f"{reason} (distance {step.distance:.3f}, tolerance {pursuit.tolerance:.3f})")

    def _look(self, handle: ServerGoalHandle) -> Snapshot:
        """A snapshot that is fresh enough to move by; the robot stands still while there is none."""
        stale = STALE * self.robot.contract.period
        return self.observe(handle, value(self.robot.node, "input_timeout"), stale, meanwhile=self._stop)

    def _stop(self) -> None:
        """Bring the robot to rest from where it is known to be."""
        snapshot = self.robot.inputs.snapshot()
        self.robot.commander.stop(None if snapshot is None else snapshot.state)

    def _wait_until(self, tick: float, handle: ServerGoalHandle) -> None:
        """Wait for the next period, watching for a reason to end or to stop before."""
        stale = STALE * self.robot.contract.period
        while (left := tick - self.robot.inputs.now()) > 0:
            self.turns.check(handle)
            if self.robot.inputs.snapshot().age > stale:
                return
            time.sleep(min(left, POLL))

    @staticmethod
    def _report(handle: ServerGoalHandle, result: MoveToGoal.Result, step: Step, snapshot: Snapshot) -> None:
        handle.publish_feedback(
            MoveToGoal.Feedback(
                phase=step.phase,
                step=result.steps,
                distance=step.distance,
                progress=step.progress,
                p_value=snapshot.p_value,
            )
        )
