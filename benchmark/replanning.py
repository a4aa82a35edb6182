"""What one replan costs a processor, along motions that the embedded robot really makes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import rclpy
import torch
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, planar_arm_contract
from benchmark.pairs import random_pairs
from jepa_ros.contract import Aligner, Contract, Observation, Reference, decode_image, read_values
from jepa_ros.evaluation.statistics import median
from jepa_ros.planning import Patience, Plan, Planner, Present, Pursuit
from jepa_ros.ros.images import image_alone
from jepa_ros.ros.parameters import declare
from jepa_ros.ros.planner_node import PARAMETERS
from jepa_ros.ros.processes import environment
from jepa_ros.ros.searches import make_planner
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import SimulatedRobot, as_message
from jepa_ros.world_model import WorldModel

REPLANS = 600


class Stopwatch:
    """A planner that remembers the processor time (s) of every replan that had a plan to start from."""

    def __init__(self, planner: Planner):
        self._planner = planner
        self.seconds: list[float] = []

    def plan(self, *situation: Any) -> Plan:
        begin = time.thread_time()
        plan = self._planner.plan(*situation)
        spent = time.thread_time() - begin
        if situation[-1] is not None:
            self.seconds.append(spent)
        return plan


class SteppedRobot:
    """The embedded robot in simulated time, seen and commanded as the nodes do it."""

    def __init__(self, contract: Contract, start: np.ndarray):
        self.contract = contract
        arm = PlanarArm()
        arm.reset(start)
        self._robot = SimulatedRobot(contract, arm)
        self._aligner, self._reference = Aligner(contract), Reference(contract)
        self._entries = {entry.channel.topic: entry for entry in contract.observations.values()}

    def observe(self) -> Observation:
        """What is seen one period later."""
        image_ns = 0
        for message in self._robot.advance(self.contract.period):
            entry, content = self._entries[message.topic], as_message(message.fields)
            value = decode_image(content) if entry.is_image else read_values(entry, content)
            self._aligner.push(entry.key, value, message.stamp_ns, message.stamp_ns)
            image_ns = message.stamp_ns if entry.is_image else image_ns
        return self._aligner.sample(image_ns)

    def present(self, state: np.ndarray) -> Present:
        """How the robot moves now."""
        command = self._reference.at(self._robot.now_ns, state).command
        return Present(torch.as_tensor(command, dtype=torch.float32), torch.as_tensor(state))

    def act(self, action: np.ndarray, state: np.ndarray) -> None:
        """Send a command."""
        for topic, (_, fields) in self._reference.command(action, state, self._robot.now_ns).items():
            self._robot.receive(topic, fields)


def measure(tell: Callable[[float, float], None], replans: int = REPLANS) -> dict[str, Figure]:
    """Pursue pictures of random goals and time each replan."""
    torch.set_num_threads(1)
    contract, model = planar_arm_contract(), WorldModel.from_pretrained(MODEL)
    planner = _default_planner(contract)
    stopwatch = Stopwatch(planner)
    for start, goal in random_pairs(contract, replans):
        _pursue(model, stopwatch, SteppedRobot(contract, start), goal)
        tell(min(len(stopwatch.seconds), replans), replans)
        if len(stopwatch.seconds) >= replans:
            break
    value, low, high = median([1e3 * seconds for seconds in stopwatch.seconds])
    how = conditions(
        f"median processor time of a thread; {planner.search}, horizon {planner.horizon}, warm-started, along motions "
        "to pictures of random goals; eager, float32, one thread"
    )
    return {"replan.cpu_ms": Figure(value, "ms", low, high, len(stopwatch.seconds), how)}


def _default_planner(contract: Contract) -> Planner:
    """The planner that the node makes of its default parameters."""
    os.environ.update(environment())
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = Node("defaults")
        declare(node, PARAMETERS)
        return make_planner(node, contract, contract.limits)
    finally:
        rclpy.shutdown()


@torch.inference_mode()
def _pursue(model: WorldModel, planner: Stopwatch, robot: SteppedRobot, goal: np.ndarray) -> None:
    arm = PlanarArm()
    arm.reset(goal)
    goal_latent = model.encode(image_alone(robot.contract, arm.image()))[0]
    pursuit = Pursuit(model, planner, goal_latent, model.calibration.tolerance, Patience(), now=0.0)
    now, outcome = 0.0, None
    while outcome is None:
        now += robot.contract.period
        observation = robot.observe()
        step = pursuit.step(now, model.encode(observation), robot.present(observation.state))
        outcome = step.outcome
        if step.plan is not None:
            robot.act(step.plan.actions[0].numpy(), observation.state)
