"""World model and planner of one robot, as processes of their own."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.parameter import Parameter, parameter_value_to_python

from harness.graph import PATIENCE, Graph, Listener
from harness.operator import Operator
from harness.ports import occupy, ports_of
from harness.robot import COMMANDS
from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.client.processes import Processes
from jepa_ros.ros.wire.messages import stamp_ns
from jepa_ros_interfaces.msg import LatentState


class Stack:
    """Nodes of one namespace, and an operator for them. ``log(node)`` is all that a node has printed."""

    def __init__(self, graph: Graph, processes: Processes, namespace: str, contract: Path, model: Path, memory: Path):
        self.graph, self.processes, self.namespace = graph, processes, namespace
        self.operator = Operator(graph, namespace)
        self.node = self.operator.node
        self.contract, self.model, self.memory = contract, model, memory
        self._health = Listener(self.node, DiagnosticArray, "/diagnostics")
        self._latents = Listener(self.node, LatentState, "world_model/latent")
        self._occupied = ExitStack()

    def start(self, node: str, *arguments: str, **parameters: Any) -> subprocess.Popen:
        """Start a node with its usual parameters, but for those that are given."""
        usual = {"contract": self.contract, "model": self.model, "memory": self.memory}
        usual[f"qos_overrides.{self.namespace}/{COMMANDS}.publisher.depth"] = 100  # so that every command is judged
        chosen = [("-p", f"{name}:={value}") for name, value in {**usual, **parameters}.items()]
        return self.start_bare(node, *(option for pair in chosen for option in pair), *arguments)

    def start_bare(self, node: str, *arguments: str) -> subprocess.Popen:
        """Start a node with no more than these ROS arguments, in the namespace."""
        return self.processes.node(node, "-r", f"__ns:={self.namespace}", *arguments, label=self._label(node))

    def start_all(self) -> None:
        """Start world model and planner, and wait until they work."""
        self.start("world_model")
        self.start("planner")
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until both nodes are active, latents flow, and the planner too gets all that it needs.

        It may hear of the other's latents later than the test does, most of all where a process took another's place.
        """
        wait_for(lambda: self.state("planner") == "active", PATIENCE, "an active planner")
        self._latents.next()
        self.health("planner", lambda status: status.message == "ready")

    def wait_seen(self) -> None:
        """Wait until the nodes know what the robot looks like now."""
        now = self.node.get_clock().now().nanoseconds
        self._latents.next(lambda latent: stamp_ns(latent.header) > now)
        self._latents.next()

    def end(self, node: str, number: int) -> int:
        """Send a signal and return the exit status.

        Into the shared memory of a process that was killed, others of its middleware go on writing for a while. The
        next process with its port numbers would not be heard, so it gets others.
        """
        label = self._label(node)
        ports = ports_of(self.processes.running[label].pid) if number == signal.SIGKILL else []
        status = self.processes.stop(label, number)
        occupy(ports, self._occupied)
        return status

    @property
    def goals(self) -> Path:
        """Where the planner keeps goals."""
        folder = self.memory / self.namespace.strip("/") / "goals"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def lives(self, node: str) -> bool:
        """Whether the node's process was started and has not ended."""
        process = self.processes.running.get(self._label(node))
        return process is not None and process.poll() is None

    def log(self, node: str) -> str:
        return self.processes.log(self._label(node))

    def wait_log(self, node: str, text: str) -> None:
        wait_for(lambda: text in self.log(node), PATIENCE, f"{text!r} in the log of {node}")

    def state(self, node: str) -> str:
        """The lifecycle state's name."""
        return self.operator.call(GetState, f"{node}/get_state").current_state.label

    def change(self, node: str, transition: str) -> bool:
        """Ask for a lifecycle transition; whether it was made."""
        number = getattr(Transition, f"TRANSITION_{transition.upper()}")
        return self.operator.call(ChangeState, f"{node}/change_state", transition=Transition(id=number)).success

    def set(self, node: str, name: str, value: Any) -> str:
        """Set a parameter; returns why it was refused, empty where it was not."""
        message: ParameterMessage = Parameter(name, value=value).to_parameter_msg()
        (result,) = self.operator.call(SetParameters, f"{node}/set_parameters", parameters=[message]).results
        return "" if result.successful else result.reason or "refused"

    def get(self, node: str, name: str) -> Any:
        """A parameter's value."""
        (found,) = self.operator.call(GetParameters, f"{node}/get_parameters", names=[name]).values
        return parameter_value_to_python(found)

    @contextmanager
    def setting(self, node: str, **parameters: Any) -> Iterator[None]:
        """While this holds, a node has these parameters; then those that it had before."""
        before = {name: self.get(node, name) for name in parameters}
        try:
            for name, value in parameters.items():
                assert self.set(node, name, value) == ""
            yield
        finally:
            for name, value in before.items():
                assert self.set(node, name, value) == ""

    def health(self, node: str, good: Any = lambda status: True) -> DiagnosticStatus:
        """The node's next diagnostic status that is good."""
        name = f"{self.namespace}/{node}"

        def mine(array: DiagnosticArray) -> bool:
            return array.status[0].name == name and good(array.status[0])

        return self._health.next(mine).status[0]

    def close(self) -> None:
        for label in [self._label(node) for node in ("world_model", "planner", "container", "simulator")]:
            if label in self.processes.running:
                self.processes.stop(label)
        self._occupied.close()
        self.graph.remove(self.node)

    def _label(self, node: str) -> str:
        return f"{self.namespace.strip('/')}_{node}"


def values(status: DiagnosticStatus) -> dict[str, str]:
    """What a status says, key by key."""
    return {item.key: item.value for item in status.values}
