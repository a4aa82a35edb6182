"""Somebody who sends goals to a planner, calls its services, and watches."""

from __future__ import annotations

import math
import time
from typing import Any

from builtin_interfaces.msg import Duration
from rclpy.action import ActionClient
from rclpy.task import Future

from harness.graph import PATIENCE, Graph
from jepa_ros.ros.client.client import Ending, on_executor, wait_for
from jepa_ros_interfaces.action import Explore, MoveToGoal, PlanToGoal
from jepa_ros_interfaces.msg import Goal


class Sent:
    """A goal that was sent: whether it was accepted, its feedback, and its end."""

    def __init__(self, graph: Graph, client: ActionClient, request: Any):
        self._graph = graph
        self.feedback: list[Any] = []
        self.time = time.monotonic()
        self._result: Future | None = None
        self._handle = graph.ask(lambda: client.send_goal_async(request, self._on_feedback), "an answer to a goal")
        if self._handle.accepted:
            self._result = on_executor(graph.executor, self._handle.get_result_async)

    @property
    def accepted(self) -> bool:
        return self._handle.accepted

    def done(self) -> bool:
        return self._result.done()

    def cancel(self) -> None:
        self._graph.executor.create_task(self._handle.cancel_goal_async)

    def wait_feedback(self, count: int = 1) -> Any:
        """Wait until so much feedback has come in; returns the newest."""
        wait_for(lambda: len(self.feedback) >= count or self.done(), PATIENCE, f"{count} feedback messages")
        assert len(self.feedback) >= count, f"ended before: {self.ending()}"
        return self.feedback[-1]

    def ending(self, patience: float = PATIENCE) -> Ending:
        assert self.accepted, "the goal was rejected"
        wait_for(self.done, patience, "the goal's result")
        answer = self._result.result()
        return Ending(answer.status, answer.result)

    def _on_feedback(self, message: Any) -> None:
        self.feedback.append(message.feedback)


class Operator:
    """Sends goals to the planner of one namespace and calls services there."""

    def __init__(self, graph: Graph, namespace: str = ""):
        self._graph = graph
        self.node = graph.node("test_operator", namespace)
        self._move = self._sender(MoveToGoal, "move_to_goal")
        self._plan = self._sender(PlanToGoal, "plan_to_goal")
        self._explore = self._sender(Explore, "explore")
        self._services: dict[str, Any] = {}

    def move(self, goal: Goal, timeout: float = 20.0, **fields: Any) -> Sent:
        wait_for(self._move.server_is_ready, PATIENCE, "the action move_to_goal")
        return Sent(self._graph, self._move, MoveToGoal.Goal(goal=goal, timeout=_duration(timeout), **fields))

    def plan(self, goal: Goal, time_budget: float = 0.0, **fields: Any) -> Sent:
        wait_for(self._plan.server_is_ready, PATIENCE, "the action plan_to_goal")
        return Sent(self._graph, self._plan, PlanToGoal.Goal(goal=goal, time_budget=_duration(time_budget), **fields))

    def explore(self, timeout: float = 20.0, **fields: Any) -> Sent:
        wait_for(self._explore.server_is_ready, PATIENCE, "the action explore")
        return Sent(self._graph, self._explore, Explore.Goal(timeout=_duration(timeout), **fields))

    def call(self, kind: type, name: str, /, **fields: Any) -> Any:
        """The answer of a service."""
        service = self.find(kind, name)
        return self._graph.ask(lambda: service.call_async(kind.Request(**fields)), f"an answer of {name}")

    def find(self, kind: type, name: str) -> Any:
        """A service, as soon as it is there; who times a call looks for it before."""
        if name not in self._services:
            self._services[name] = self.node.create_client(kind, name)
        wait_for(self._services[name].service_is_ready, PATIENCE, f"the service {name}")
        return self._services[name]

    def _sender(self, kind: type, name: str) -> ActionClient:
        """A client of an action, made by the thread that spins: rclpy lets that one see it before it is whole."""
        return on_executor(self._graph.executor, lambda: ActionClient(self.node, kind, name))


def _duration(seconds: float) -> Duration:
    """A duration message, negative ones included."""
    whole = math.floor(seconds)
    return Duration(sec=whole, nanosec=round((seconds - whole) * 1e9))
