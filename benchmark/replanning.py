"""What one replan costs a processor, along motions that the embedded robot really makes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import rclpy
import torch
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, SEED, planar_arm_contract
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.statistics import median
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import Plan, Planner
from jepa_ros.ros.base.parameters import declare
from jepa_ros.ros.client.processes import environment
from jepa_ros.ros.goals.searches import make_planner
from jepa_ros.ros.nodes.planner_node import PARAMETERS
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

REPLANS = 600


def measure(tell: Callable[[float, float], None], replans: int = REPLANS) -> dict[str, Figure]:
    """Pursue pictures of random goals and time each replan."""
    torch.set_num_threads(1)
    contract, model = planar_arm_contract(), WorldModel.from_pretrained(MODEL)
    arms, planner = simulator_of(contract).places, _default_planner(model)
    spent = _put_down_replans(planner)
    for start, goal in arms.pairs(replans, SEED):
        pursue(Watcher(model, arms.at(start)), goal_latent(model, arms.at(goal)), planner=planner)
        tell(min(len(spent), replans), replans)
        if len(spent) >= replans:
            break
    value, low, high = median([1e3 * seconds for seconds in spent])
    how = conditions(
        f"median processor time of a thread; {planner.search}, horizon {planner.horizon}, warm-started, along motions "
        "to pictures of random goals; eager, float32, one thread"
    )
    return {"replan.cpu_ms": Figure(value, "ms", low, high, len(spent), how)}


def _default_planner(model: WorldModel) -> Planner:
    """The planner that the node makes of its default parameters."""
    os.environ.update(environment())
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = Node("defaults")
        declare(node, PARAMETERS)
        return make_planner(node, model, model.contract.limits)
    finally:
        rclpy.shutdown()


def _put_down_replans(planner: Planner) -> list[float]:
    """The processor time (s) that each replan takes from now on, where it has a plan to start from."""
    plan, seconds = planner.plan, []

    def timed(*situation: Any) -> Plan:
        begin = time.thread_time()
        found = plan(*situation)
        if situation[-1] is not None:
            seconds.append(time.thread_time() - begin)
        return found

    planner.plan = timed
    return seconds
