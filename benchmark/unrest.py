"""Running nodes that are never left in peace: goals, preemptions, cancels, stops, faults of the robot, kills."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from std_srvs.srv import Trigger
from trajectory_msgs.msg import JointTrajectory

from benchmark.lives import Verdict
from benchmark.nodes import SEED, planar_arm_contract, running, start
from jepa_ros.contract import Contract
from jepa_ros.evaluation.legality import Command, Judge
from jepa_ros.ros.client.client import Client, ClientError, PendingGoal, state_goal, wait_for
from jepa_ros.ros.client.processes import Processes
from jepa_ros.simulation.faults import FAULTS
from jepa_ros.simulation.places import ArmPlaces

TOPIC = "arm_controller/joint_trajectory"
KEPT = ("-p", f"qos_overrides./{TOPIC}.publisher.depth:=100")  # so that every command is judged
AFTERMATH = 1.0  # s that an arm needs to follow again when a fault has ended
PATIENCE = 20.0  # s that a goal's end may take


class Bystander(Client):
    """A client that keeps every command that is sent to the arm."""

    def __init__(self, contract: Contract):
        self.commands: list[Command] = []
        self._disturbed_until = 0.0
        super().__init__(contract, name="bystander")
        self.node.create_subscription(JointTrajectory, TOPIC, self._on_command, QoSProfile(depth=1000))

    def fail(self, name: str) -> None:
        """Let this be wrong with the robot from now on; the empty name ends it."""
        self._disturbed_until = time.monotonic() + (np.inf if name else AFTERMATH)
        request = SetParameters.Request(parameters=[Parameter("fault", value=name).to_parameter_msg()])
        self.call(SetParameters, "simulator/set_parameters", request)

    def change(self, transition: int) -> None:
        """Ask the planner for a lifecycle transition."""
        request = ChangeState.Request(transition=Transition(id=transition))
        self.call(ChangeState, "planner/change_state", request)

    def wait_active(self, timeout: float = 60.0) -> None:
        """Wait until the planner is active again; whoever was killed does not answer. Raises ClientError."""

        def active() -> bool:
            with suppress(ClientError):
                answer = self.call(GetState, "planner/get_state", GetState.Request(), timeout=1.0)
                return answer.current_state.id == State.PRIMARY_STATE_ACTIVE
            return False

        wait_for(active, timeout, "an active planner")
        self.wait_until_ready()

    def _on_command(self, message: JointTrajectory, info: dict[str, Any]) -> None:
        disturbed = time.monotonic() < self._disturbed_until
        self.commands.append(Command(info["source_timestamp"], message, disturbed))


def disturb(tell: Callable[[float, float], None], seconds: float, seed: int = SEED) -> Verdict:
    """Do so for this long, and judge every command that was sent."""
    contract = planar_arm_contract()
    with running(more={"planner": KEPT}) as processes, Bystander(contract) as client:
        client.wait_active()
        unrest = Unrest(processes, client, seed)
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < seconds:
            tell(passed, seconds)
            unrest.stir()
        unrest.calm()
    return Verdict(len(client.commands), Judge(contract).complaints(client.commands))


class Unrest:
    """Sends goals, and brings each to an end that is drawn from a seed."""

    def __init__(self, processes: Processes, client: Bystander, seed: int):
        self.processes, self.client = processes, client
        self.random = np.random.default_rng(seed)
        self.places = ArmPlaces(client.contract)
        self.goal: PendingGoal | None = None
        self.endings: list[Callable[[], None]] = [
            *[self.calm] * 6, *[self.preempt] * 6, *[self.cancel] * 4, *[self.stop] * 2, *[self.break_down] * 2,
            self.deactivate, self.kill_planner, self.kill_world_model,
        ]  # fmt: skip

    def stir(self) -> None:
        """Send a goal, wait a moment, and end it somehow."""
        _, goal = self.places.pairs(1, int(self.random.integers(2**31)))[0]
        speed = float(self.random.choice([0.0, self.random.uniform(0.1, 1.0)]))
        self.goal = self.client.move_to(
            state_goal(self.client.contract.state_names, goal), timeout=PATIENCE, speed_scale=speed
        )
        time.sleep(self.random.uniform(0.0, 2.0))
        self.random.choice(self.endings)()

    def calm(self) -> None:
        """Let the goal end by itself."""
        if self.goal is not None:
            self.goal.wait(PATIENCE)

    def preempt(self) -> None:
        """Leave the goal to the next one."""

    def cancel(self) -> None:
        """Cancel as a client."""
        self.goal.cancel()
        self.calm()

    def stop(self) -> None:
        """Call the stop service."""
        self.client.call(Trigger, "planner/stop", Trigger.Request())
        self.calm()

    def break_down(self) -> None:
        """Let something be wrong with the robot for a while."""
        self.client.fail(str(self.random.choice(list(FAULTS))))
        time.sleep(self.random.uniform(0.2, 2.0))
        self.client.fail("")
        self.calm()

    def deactivate(self) -> None:
        """Take the planner out of service and back."""
        self.client.change(Transition.TRANSITION_DEACTIVATE)
        self.calm()
        self.client.change(Transition.TRANSITION_ACTIVATE)

    def kill_planner(self) -> None:
        """Without a warning, in mid-motion."""
        self.processes.stop("planner", signal.SIGKILL)
        self.goal = None
        start(self.processes, "planner", *KEPT)
        self.client.wait_active()

    def kill_world_model(self) -> None:
        """Likewise; the planner must end the motion."""
        self.processes.stop("world_model", signal.SIGKILL)
        self.calm()
        start(self.processes, "world_model")
        self.client.wait_until_ready()
