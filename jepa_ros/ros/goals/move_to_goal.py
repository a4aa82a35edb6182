"""The action move_to_goal: bring the robot to the goal, looking all the while."""

from __future__ import annotations

import math
import time

from rclpy.action.server import ServerGoalHandle

from jepa_ros.contract import Limits, slowed
from jepa_ros.memory import MemoryGuide
from jepa_ros.planning import Goal, Guide, Outcome, Patience, Pursuit, Step
from jepa_ros.planning.guide import DIRECT
from jepa_ros.ros.base.diagnostics import Latency
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.goals.goal_action import POLL, GoalAction, Robot
from jepa_ros.ros.goals.goal_reader import CODES, GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.goals.rhythm import Rhythm
from jepa_ros.ros.navigation import velocity_chain
from jepa_ros.ros.navigation.hand_over import HandOver
from jepa_ros.ros.wire.messages import duration, seconds
from jepa_ros.ros.wire.streams import header_ns
from jepa_ros_interfaces.action import MoveToGoal

STALE = 1.5  # periods without news after which the robot is stopped
LEAD = 1.5  # times what 19 of 20 plans have taken of late: how long before its command is due a plan is begun
AWAKE = 0.003  # s before a command is due that its thread no longer sleeps: on a busy machine it would wake up late
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
    """Runs a pursuit at the contract's rate.

    However it ends, the safety command is the last thing sent; only a newer goal goes on from where the motion is.
    """

    def __init__(self, robot: Robot):
        self.latency = Latency()
        self.rhythm = Rhythm(robot.contract.period, robot.inputs.now)
        super().__init__(robot, MoveToGoal, "move_to_goal")

    def run(self, handle: ServerGoalHandle, result: MoveToGoal.Result) -> None:
        began = self.robot.inputs.now()
        try:
            super().run(handle, result)
        finally:
            if not self.turns.taken_over(handle):
                self._stop()
            result.elapsed = duration(self.robot.inputs.now() - began)

    def pursue(self, handle: ServerGoalHandle, result: MoveToGoal.Result) -> None:
        """Once per period: look, plan for the moment when a command is due, send it then, report."""
        pursuit, limits = self._begin(handle, self.robot.inputs.now())
        if self.robot.stack is not None and isinstance(pursuit.guide, MemoryGuide):
            self._be_brought(handle, result, pursuit)
        while True:
            snapshot = self._look(handle)
            step = self._plan(pursuit, snapshot)
            result.final_distance, result.replans = step.distance, pursuit.replans
            if step.outcome is not None:
                break
            self._act(handle, step, snapshot, limits)
            result.steps += step.plan is not None
            self._report(handle, result, pursuit, step, snapshot)
            self._wait_for_the_next(handle)
        if step.outcome != Outcome.ARRIVED:
            code, reason = FAILURES[step.outcome]
            raise GoalError(code, f"{reason} (distance {step.distance:.3f}, tolerance {pursuit.tolerance:.3f})")

    def _begin(self, handle: ServerGoalHandle, now: float) -> tuple[Pursuit, Limits]:
        """What is asked for, checked once, at the door."""
        request, robot, node = handle.request, self.robot, self.robot.node
        self._check(request)
        goal, share = robot.goals.read(request.goal), request.speed_scale or 1.0
        limits = robot.contract.limits if share == 1 else slowed(robot.contract, share)
        patience = Patience(
            dwell=value(node, "dwell"),
            timeout=seconds(request.timeout) or value(node, "timeout"),
            stuck=value(node, "stuck_after"),
            surprise=value(node, "surprised_after"),
        )
        tolerance = request.tolerance or robot.model.calibration.tolerance
        planner = self.planner(request.planner, limits, goal)
        return Pursuit(robot.model, planner, goal, tolerance, patience, now, self._guide(goal)), limits

    def _check(self, request: MoveToGoal.Goal) -> None:
        """Raise GoalError where a number of the request is wrong, or commands would go where they must not."""
        objection = velocity_chain.objection(self.robot.node, self.robot.contract)
        if objection is not None:
            raise GoalError(CODES.INVALID_GOAL, f"not where commands are sent to: {objection}")
        share = request.speed_scale or 1.0
        if not 0 < share <= 1:
            raise GoalError(
                CODES.INVALID_GOAL, f"speed_scale {share:g}; allowed: above 0, up to 1, or 0 for full speed"
            )
        if not (math.isfinite(request.tolerance) and request.tolerance >= 0):
            raise GoalError(CODES.INVALID_GOAL, f"tolerance {request.tolerance:g}; allowed: a finite distance, or 0")
        if seconds(request.timeout) < 0:
            raise GoalError(CODES.INVALID_GOAL, f"timeout of {seconds(request.timeout):g} s; allowed: 0 or more")

    def _guide(self, goal: Goal) -> Guide | None:
        """Who leads to the goal, where that is not straight."""
        try:
            return self.robot.places.guide(goal)
        except ValueError as error:
            raise GoalError(CODES.INVALID_GOAL, f"the planner's {error}") from error

    def _be_brought(self, handle: ServerGoalHandle, result: MoveToGoal.Result, pursuit: Pursuit) -> None:
        """Let the navigation stack drive the far part of a long route."""
        self._stop()
        HandOver(self.robot, pursuit).bring(
            lambda: self._look(handle), lambda step, snapshot: self._report(handle, result, pursuit, step, snapshot)
        )

    def _look(self, handle: ServerGoalHandle) -> Snapshot:
        """A snapshot that is fresh enough to move by; the robot stands still while there is none."""
        return self.observe(handle, value(self.robot.node, "input_timeout"), self._stale(), meanwhile=self._stop)

    def _plan(self, pursuit: Pursuit, snapshot: Snapshot) -> Step:
        """The pursuit's next step, for the moment when its command is due."""
        begin, ahead = time.perf_counter(), self.rhythm.left()
        step = pursuit.step(
            self.robot.inputs.now(),
            snapshot.context,
            self.present(snapshot, ahead),
            snapshot.anomalous,
            self.foresee(snapshot, ahead),
            snapshot.p_value,
        )
        self.latency.add(time.perf_counter() - begin)
        return step

    def _act(self, handle: ServerGoalHandle, step: Step, snapshot: Snapshot, limits: Limits) -> None:
        """Send the first action of the step's plan when it is due, or bring the robot to rest where it has none.

        The command is made before that moment: to make it takes longer than to send it, and not always as long.
        """
        if step.plan is None:
            self._wait_until_due(handle)
            self._stop()
        else:
            action, commander = step.plan.actions[0].cpu().numpy(), self.robot.commander
            ready = commander.prepare(action, snapshot.state, limits, self.rhythm.left())
            self._wait_until_due(handle)
            commander.send(ready)
        self.rhythm.beat()

    def _stop(self) -> None:
        """Bring the robot to rest, from where it is seen to be if it is seen."""
        snapshot = self.robot.inputs.snapshot()
        seen = snapshot is not None and snapshot.age <= self._stale()
        self.robot.commander.stop(snapshot.state if seen else None)
        self.rhythm.break_off()

    def _wait_until_due(self, handle: ServerGoalHandle) -> None:
        """Wait for the moment that was planned for, watching for a reason to end before."""
        while (left := self.rhythm.left()) > 0:
            self.turns.check(handle)
            time.sleep(min(max(left - AWAKE, 0.0), POLL))

    def _wait_for_the_next(self, handle: ServerGoalHandle) -> None:
        """Wait until the next plan must be begun, watching for a reason to end, or to stop, before."""
        lead = LEAD * self.latency.milliseconds(95) * 1e-3
        while (left := self.rhythm.left() - lead) > 0:
            self.turns.check(handle)
            if self.robot.inputs.snapshot().age > self._stale():
                return
            time.sleep(min(left, POLL))

    def _stale(self) -> float:
        """Seconds after which an input says too little of now to move by."""
        return STALE * self.robot.contract.period

    def _report(
        self, handle: ServerGoalHandle, result: MoveToGoal.Result, pursuit: Pursuit, step: Step, snapshot: Snapshot
    ) -> None:
        """Tell the client, and whoever looks, how it goes."""
        self.robot.markers.show(step, snapshot.header, pursuit.tolerance)
        self.robot.places.show(pursuit.guide, header_ns(snapshot))
        handle.publish_feedback(
            MoveToGoal.Feedback(
                phase=step.phase if step.way == DIRECT else f"{step.phase}, {step.way}",
                step=result.steps,
                distance=step.distance,
                progress=step.progress,
                p_value=snapshot.p_value,
            )
        )
