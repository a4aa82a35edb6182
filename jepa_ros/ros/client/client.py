"""A client of the planner: send goals, follow them, and look through the robot's eyes. Used by demo and benchmark."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import rclpy
from rclpy.action import ActionClient
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future
from sensor_msgs.msg import Image

from jepa_ros.contract import Contract
from jepa_ros.ros.base.spinning import spin_on
from jepa_ros.ros.wire.messages import duration
from jepa_ros.ros.wire.streams import listen_messages, listen_values
from jepa_ros_interfaces.action import Explore, MoveToGoal, PlanToGoal
from jepa_ros_interfaces.msg import Goal, LatentState

Value = TypeVar("Value")
POLL = 0.005  # s between looks at whether something has happened


class ClientError(ConnectionError):
    """The robot did not answer as it should; the message says what was waited for, and what to look at."""


@dataclass(frozen=True)
class Ending:
    """How a goal ended: the action's status (action_msgs/GoalStatus), and its result message."""

    status: int
    result: Any


class PendingGoal:
    """A goal that was accepted and runs."""

    def __init__(self, handle: Any, executor: Executor):
        self._handle, self._executor = handle, executor
        self._result: Future = on_executor(executor, handle.get_result_async)

    def cancel(self) -> None:
        """Ask for an end."""
        self._executor.create_task(self._handle.cancel_goal_async)

    def done(self) -> bool:
        """Whether it has ended."""
        return self._result.done()

    def wait(self, timeout: float) -> Ending:
        """How it ended. Raises ClientError where it still runs after ``timeout`` seconds."""
        wait_for(self._result.done, timeout, "the goal's result")
        answer = self._result.result()
        return Ending(answer.status, answer.result)


class Client:
    """A node in a thread of its own, with the newest image and state of one robot, and its planner's services.

    Use as a context manager. ``namespace`` is the robot's.
    """

    def __init__(self, contract: Contract, namespace: str = "", name: str = "jepa_client"):
        self.contract = contract
        if not rclpy.ok():
            rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        self.node = Node(name, namespace=namespace)
        self.image: Image | None = None
        self.state: dict[str, float] = {}
        self.images = self.states = 0  # how many have come
        self._listen()
        self.move = ActionClient(self.node, MoveToGoal, "move_to_goal")
        self.plan = ActionClient(self.node, PlanToGoal, "plan_to_goal")
        self.exploring = ActionClient(self.node, Explore, "explore")
        self._closing = False
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._spin, daemon=True)
        self._thread.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self._executor.shutdown(timeout_sec=5.0)
        self._thread.join(timeout=5.0)
        self.node.destroy_node()
        rclpy.try_shutdown()

    def wait_until_ready(self, timeout: float = 30.0) -> None:
        """Wait for the planner, an image and a state. Raises ClientError naming what is missing."""
        wait_for(self.move.server_is_ready, timeout, "the planner's action move_to_goal")
        latents = self.node.create_subscription(LatentState, "world_model/latent", self._on_latent, 1)
        self._seen_latent = False
        wait_for(lambda: self._seen_latent, timeout, "a latent of the world model")
        self.node.destroy_subscription(latents)
        if self.contract.images:
            wait_for(lambda: self.image is not None, timeout, "an image of the camera")
        wait_for(lambda: len(self.state) == len(self.contract.state_names), timeout, "the robot's state")

    def move_to(
        self,
        goal: Goal,
        timeout: float = 0.0,
        tolerance: float = 0.0,
        speed_scale: float = 0.0,
        on_feedback: Callable[[MoveToGoal.Feedback], None] | None = None,
    ) -> PendingGoal:
        """Send the robot to a goal. Raises ClientError where the planner rejects it."""
        request = MoveToGoal.Goal(goal=goal, tolerance=tolerance, speed_scale=speed_scale, timeout=duration(timeout))
        return self._send(self.move, request, on_feedback)

    def plan_to(
        self, goal: Goal, seconds: float = 0.0, on_feedback: Callable[[PlanToGoal.Feedback], None] | None = None
    ) -> PendingGoal:
        """Ask for a plan to a goal. Raises ClientError where the planner rejects it."""
        return self._send(self.plan, PlanToGoal.Goal(goal=goal, time_budget=duration(seconds)), on_feedback)

    def explore(
        self,
        coverage: float = 0.0,
        timeout: float = 0.0,
        speed_scale: float = 0.0,
        on_feedback: Callable[[Explore.Feedback], None] | None = None,
    ) -> PendingGoal:
        """Have the robot fill its memory. Raises ClientError where the planner rejects it."""
        request = Explore.Goal(coverage=coverage, speed_scale=speed_scale, timeout=duration(timeout))
        return self._send(self.exploring, request, on_feedback)

    def call(self, kind: type, name: str, request: Any, timeout: float = 10.0) -> Any:
        """Call a service of the robot. Raises ClientError where it does not answer."""
        service = self.node.create_client(kind, name)
        try:
            wait_for(service.service_is_ready, timeout, f"the service {name}")
            future = on_executor(self._executor, lambda: service.call_async(request))
            wait_for(future.done, timeout, f"an answer of the service {name}")
            return future.result()
        finally:
            self.node.destroy_client(service)

    def state_vector(self) -> np.ndarray:
        """The newest state (S,) in contract order and units."""
        return np.array([self.state[name] for name in self.contract.state_names])

    def _send(self, action: ActionClient, request: Any, on_feedback: Callable[[Any], None] | None) -> PendingGoal:
        heard = (lambda message: on_feedback(message.feedback)) if on_feedback else None
        wait_for(action.server_is_ready, 10.0, "the planner's actions")
        future = on_executor(self._executor, lambda: action.send_goal_async(request, feedback_callback=heard))
        wait_for(future.done, 10.0, "the planner's answer to a goal")
        if not future.result().accepted:
            raise ClientError("the planner rejected the goal; is it active? (ros2 lifecycle get …/planner)")
        return PendingGoal(future.result(), self._executor)

    def _listen(self) -> None:
        for entry in self.contract.observations.values():
            if entry.is_image:
                listen_messages(self.node, entry, self._on_image)
            else:
                listen_values(self.node, entry, lambda values, names=entry.select: self._on_state(names, values))

    def _on_image(self, message: Image) -> None:
        self.image = message
        self.images += 1

    def _on_state(self, names: Sequence[str], values: np.ndarray) -> None:
        self.state.update(zip(names, values.tolist()))
        self.states += 1

    def _on_latent(self, message: LatentState) -> None:
        self._seen_latent = True

    def _spin(self) -> None:
        try:
            spin_on(self._executor)
        except Exception:
            if not self._closing:  # an executor that is being shut down may find nothing to wait for, and say so
                raise


def image_goal(image: Image) -> Goal:
    """Look like this image."""
    return Goal(kind=Goal.IMAGE, image=image)


def state_goal(names: Sequence[str], values: Sequence[float]) -> Goal:
    """Bring the measured state to these values."""
    return Goal(kind=Goal.STATE, state_names=list(names), state=[float(value) for value in values])


def named_goal(name: str) -> Goal:
    """Reach the goal saved under this name."""
    return Goal(kind=Goal.NAMED, name=name)


def on_executor(executor: Executor, send: Callable[[], Value]) -> Value:
    """What ``send`` returns, run by the one thread that also takes answers.

    From another thread an answer could come in before rclpy has noted that somebody waits for it, and be lost.
    """
    task = executor.create_task(send)
    wait_for(task.done, 10.0, "the client's own thread")
    return task.result()


def wait_for(happened: Callable[[], bool], timeout: float, what: str) -> None:
    """Return as soon as something has happened. Raises ClientError after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not happened():
        if time.monotonic() > deadline:
            raise ClientError(f"waited {timeout:g} s for {what}; do the nodes run, in this domain and namespace?")
        time.sleep(POLL)
