"""What both actions share: who may run, how a goal ends, and what a client is told."""

from __future__ import annotations

import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.callback_groups import ReentrantCallbackGroup
from rclpy.task import Future

from jepa_ros.contract import Contract, Limits
from jepa_ros.planning import Goal, Planner, Present, look_ahead
from jepa_ros.ros.base.beside import beside
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.goals.commander import Commander
from jepa_ros.ros.goals.display import Display
from jepa_ros.ros.goals.goal_reader import GoalError, GoalReader, check_robot
from jepa_ros.ros.goals.inputs import Inputs, Snapshot
from jepa_ros.ros.goals.remedies import ACTIVATE, CODES, REMEDIES
from jepa_ros.ros.goals.searches import check_goal, make_planner
from jepa_ros.ros.goals.turns import Turns, finish
from jepa_ros.ros.memory.places import Places
from jepa_ros.ros.navigation.stack import NavigationStack
from jepa_ros.ros.wire.streams import header_ns
from jepa_ros.world_model import WorldModel

POLL = 0.01  # s between looks at whether a goal must end


@dataclass(frozen=True)
class Robot:
    """All that pursuing a goal needs: what is known, what can be commanded, and how goals are understood."""

    node: LifecycleNode
    contract: Contract
    model: WorldModel
    inputs: Inputs
    commander: Commander
    goals: GoalReader
    display: Display
    places: Places
    stack: NavigationStack | None


class GoalAction(ABC):
    """An action server for goals of one kind, which take ``turns``. Subclasses fill in ``pursue``.

    It raises GoalError to fail.
    """

    def __init__(self, robot: Robot, kind: type, name: str, turns: Turns):
        self.robot, self.kind, self.name, self.turns = robot, kind, name, turns
        self.last_result = "none yet"
        self._results: dict[bytes, Future] = {}
        self._server = ActionServer(
            robot.node,
            kind,
            name,
            execute_callback=self._execute,
            goal_callback=self._admit,
            handle_accepted_callback=self._accept,
            cancel_callback=lambda handle: CancelResponse.ACCEPT,
            callback_group=ReentrantCallbackGroup(),
        )

    @abstractmethod
    def pursue(self, handle: ServerGoalHandle, result: Any) -> None:
        """Work on a goal until it is reached, filling in the result on the way."""

    def run(self, handle: ServerGoalHandle, result: Any) -> None:
        """Work on a goal whose turn it is, if it may still run."""
        self.turns.check(handle)
        if not self.robot.node.active:  # it was deactivated between admitting this goal and its turn
            raise GoalError(CODES.PREEMPTED, "the node is no longer active", ACTIVATE)
        self.pursue(handle, result)

    def stop(self, cause: str, remedy: str = "") -> bool:
        """End the running goal, say why and what helps, and wait for its end; False where none ran."""
        return self.turns.stop(cause, remedy)

    def destroy(self) -> None:
        """Serve no longer, and let go of the server: with its handles it is a circle that would hold all of this."""
        self._server.destroy()
        self._server._goal_handles.clear()
        del self._server

    def present(self, snapshot: Snapshot, ahead: float = 0.0) -> Present:
        """How the robot moves so many seconds from now, as the planner wants it."""
        command = self.robot.commander.motion(snapshot.state, ahead).command
        return Present(command=self._tensor(command), state=self._tensor(snapshot.state))

    def foresee(self, snapshot: Snapshot, ahead: float = 0.0) -> torch.Tensor:
        """The context (1, K, N, D) of so many seconds from now: what the newest image showed, led on by commands."""
        commander, seen_ns = self.robot.commander, header_ns(snapshot)
        then_ns = commander.now_ns() + round(ahead * 1e9)
        return look_ahead(self.robot.model, snapshot.context, seen_ns, then_ns, commander.command_between)

    def planner(self, name: str, limits: Limits, goal: Goal) -> Planner:
        """The search of this name, with the node's numbers. Raises GoalError naming what there is for the goal."""
        planner = make_planner(self.robot.node, self.robot.model, limits, name)
        check_goal(planner, goal)
        return planner

    def observe(
        self,
        handle: ServerGoalHandle,
        patience: float,
        freshness: float,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> Snapshot:
        """A snapshot at most ``freshness`` seconds old, waited for up to ``patience`` seconds.

        While there is none, ``meanwhile()`` is called now and then. Raises GoalError: NO_OBSERVATION where none comes,
        OUTSIDE_LIMITS, or why the goal must end.
        """
        begin = self.robot.inputs.now()
        while True:
            self.turns.check(handle)
            snapshot = self.robot.inputs.snapshot()
            if snapshot is not None and snapshot.age <= freshness:
                check_robot(self.robot.contract, snapshot.state, self._slack())
                return snapshot
            meanwhile()
            if self.robot.inputs.now() - begin > patience:
                missing = self.robot.inputs.missing(freshness)
                raise GoalError(CODES.NO_OBSERVATION, f"no fresh observation: {missing}")
            time.sleep(POLL)

    def _slack(self) -> float:
        """How far outside its limits a robot may be found and still be moved: what one period of motion covers."""
        fastest = np.abs([self.robot.contract.limits.low, self.robot.contract.limits.high]).max(initial=0.0)
        return float(fastest) * self.robot.contract.period if np.isfinite(fastest) else 0.0

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        return torch.as_tensor(values, dtype=torch.float32, device=self.robot.model.device)

    def _admit(self, goal: Any) -> GoalResponse:
        if self.robot.node.active:
            return GoalResponse.ACCEPT
        self.robot.node.get_logger().warning(f"{self.name}: goal rejected, the node is not active; activate it first")
        return GoalResponse.REJECT

    def _accept(self, handle: ServerGoalHandle) -> None:
        """Begin with a goal at once: a callback that waits for its end would keep the executor from beginning later."""
        self.turns.accept(handle)
        self._results[bytes(handle.goal_id.uuid)] = beside(self.robot.node, partial(self._serve, handle))

    async def _execute(self, handle: ServerGoalHandle) -> Any:
        return await self._results.pop(bytes(handle.goal_id.uuid))

    def _serve(self, handle: ServerGoalHandle) -> Any:
        """Work on a goal when its turn comes, bring it to its end, and return its result."""
        result = self.kind.Result()
        with self.turns.turn(handle):
            result.error_code, result.error_msg = self._attempt(handle, result)
            self.last_result = result.error_msg or "reached"
            finish(handle, result.error_code)
        return result

    def _attempt(self, handle: ServerGoalHandle, result: Any) -> tuple[int, str]:
        try:
            self.run(handle, result)
        except GoalError as error:
            self.robot.node.get_logger().info(f"{self.name}: {error}")
            return error.code, f"{error}; {error.remedy}"
        except Exception as error:
            self.robot.node.get_logger().error(f"{self.name}: {traceback.format_exc()}")
            return CODES.UNKNOWN, f"unforeseen {type(error).__name__}: {error}; {REMEDIES[CODES.UNKNOWN]}"
        return CODES.NONE, ""
