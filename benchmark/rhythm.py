"""How evenly commands leave while the planner plans and the robot moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, pairwise

import numpy as np

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED, planar_arm_contract, running
from benchmark.unrest import KEPT, Bystander
from jepa_ros.evaluation.legality import Command, stops
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.ros.client.client import state_goal
from jepa_ros.simulation.places import ArmPlaces

COMMANDS = 3000  # five minutes of motion
PATIENCE = 30.0  # s that a goal may take


def measure(tell: Callable[[float, float], None], commands: int = COMMANDS) -> dict[str, Figure]:
    """Send the arm from goal to goal, and look at when its commands were sent."""
    contract = planar_arm_contract()
    with running(more={"planner": KEPT}), Bystander(contract) as client:
        client.wait_active()
        for _, goal in cycle(ArmPlaces(contract).pairs(1000, SEED)):
            client.move_to(state_goal(contract.state_names, goal), timeout=PATIENCE).wait(PATIENCE + 10.0)
            tell(min(len(client.commands), commands), commands)
            if len(client.commands) >= commands:
                break
    return {"control.jitter_p99_ms": figure(deviations(client.commands, contract.period), contract.fps)}


def deviations(commands: Sequence[Command], period: float) -> list[float]:
    """How far (ms) the time between two commands of a motion was from the period; the stop at its end comes at once."""
    pairs = [(one, other) for one, other in pairwise(commands) if not stops(one.message, period)]
    moving = [(one, other) for one, other in pairs if not stops(other.message, period)]
    return [abs((other.sent_ns - one.sent_ns) * 1e-6 - period * 1e3) for one, other in moving]


def figure(found: list[float], rate: int) -> Figure:
    """The 99th percentile, with the others in its conditions."""
    p99 = float(np.percentile(found, 99))
    low, high = bootstrap(lambda samples: float(np.percentile(samples, 99)), found)
    how = conditions(
        f"|time between two commands of a motion − period| at {rate} Hz by the middleware's source timestamps, 99th "
        f"percentile; median {np.median(found):.2f} ms, largest {max(found):.1f} ms; move_to_goal to states of random "
        "poses through simulator, world_model, planner and a client as processes"
    )
    return Figure(p99, "ms", low, high, len(found), how)
