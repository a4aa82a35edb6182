"""What actions that move the robot share: a loop at the contract's rate, and the safety command at its end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from rclpy.action.server import ServerGoalHandle

from jepa_ros.contract import Limits, slowed
from jepa_ros.planning import Moment, Step, Undertaking, delay
from jepa_ros.ros.base.diagnostics import Latency
from jepa_ros.ros.base.parameters import value
from jepa_ros.ros.base.steady import STALE
from jepa_ros.ros.goals.goal_action import POLL, GoalAction, Robot
from jepa_ros.ros.goals.goal_reader import GoalError
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros.ros.goals.remedies import CODES
from jepa_ros.ros.goals.rhythm import Rhythm
from jepa_ros.ros.goals.turns import Turns
from jepa_ros.ros.navigation import velocity_chain
from jepa_ros.ros.wire.messages import duration, seconds
from jepa_ros.ros.wire.streams import header_ns

LEAD = 1.5  # times what 19 of 20 plans have taken of late: how long before its command is due a plan is begun


class Wheel:
    """What there is once for all actions that move the robot: whose turn it is, the rhythm, and how long plans take."""

    def __init__(self, robot: Robot):
        self.turns, self.latency = Turns(), Latency()
        self.rhythm = Rhythm(robot.contract.period, robot.inputs.now)


class MotionAction(GoalAction):
    """Moves the robot at the contract's rate.

    However it ends, the safety command is the last thing sent; only a newer goal goes on from where the motion is.
    """

    def __init__(self, robot: Robot, wheel: Wheel, kind: type, name: str):
        self.rhythm, self.latency = wheel.rhythm, wheel.latency
        super().__init__(robot, kind, name, wheel.turns)

    def run(self, handle: ServerGoalHandle, result: Any) -> None:
        began = self.robot.inputs.now()
        try:
            super().run(handle, result)
        finally:
            if not self.turns.taken_over(handle):
                self._stop()
            result.elapsed = duration(self.robot.inputs.now() - began)

    def lead(
        self, handle: ServerGoalHandle, result: Any, undertaking: Undertaking, limits: Limits
    ) -> Iterator[tuple[Step, Snapshot]]:
        """The steps of an undertaking, and what each went by, up to the one with an outcome.

        Once per period: look, plan for when a command is due, send it then.
        """
        while True:
            snapshot = self._look(handle)
            step = self._plan(undertaking, snapshot)
            if step.outcome is not None:
                yield step, snapshot
                return
            self._act(handle, step, snapshot, limits)
            result.steps += step.plan is not None
            yield step, snapshot
            self._wait_for_the_next(handle)

    def limits(self, request: Any) -> Limits:
        """Those that a request's share of speed means. Raises GoalError where what all requests say is wrong.

        Also where commands would go where they must not.
        """
        objection = velocity_chain.objection(self.robot.node, self.robot.contract)
        if objection is not None:
            raise GoalError(CODES.INVALID_GOAL, f"not where commands are sent to: {objection}")
        share = request.speed_scale or 1.0
        if not 0 < share <= 1:
            raise GoalError(
                CODES.INVALID_GOAL, f"speed_scale {share:g}; allowed: above 0, up to 1, or 0 for full speed"
            )
        if seconds(request.timeout) < 0:
            raise GoalError(CODES.INVALID_GOAL, f"timeout of {seconds(request.timeout):g} s; allowed: 0 or more")
        return self.robot.contract.limits if share == 1 else slowed(self.robot.contract, share)

    def _look(self, handle: ServerGoalHandle) -> Snapshot:
        """A snapshot that is fresh enough to move by; the robot stands still while there is none."""
        return self.observe(handle, value(self.robot.node, "input_timeout"), self._stale(), meanwhile=self._stop)

    def _plan(self, undertaking: Undertaking, snapshot: Snapshot) -> Step:
        """The next step, for the moment when its command is due."""
        begin, ahead = time.perf_counter(), self.rhythm.left()
        moment = Moment(
            self.robot.inputs.now(),
            snapshot.context,
            self.present(snapshot, ahead),
            snapshot.anomalous,
            self.foresee(snapshot, ahead),
            snapshot.p_value,
            delay(header_ns(snapshot), self.robot.commander.now_ns()),
        )
        step = undertaking.step(moment)
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
            time.sleep(min(left, POLL))

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
