"""Goals that ask of one entry of the state only, pursued in stepped time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED
from jepa_ros.contract import Observation
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.statistics import median, wilson
from jepa_ros.evaluation.trials import pursue
from jepa_ros.paths import shipped
from jepa_ros.planning import Goal, Outcome, StateGoal
from jepa_ros.simulation.places import ArmPlaces
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

NAMES = ("partial_goal.success", "partial_goal.error_rad", "partial_goal.latent_success")
PAIRS = 100


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Bring one joint of the planar arm to random goals; the same by the latent of a state that is half unknown."""
    torch.set_num_threads(1)
    model = WorldModel.from_pretrained(shipped("models/planar_arm"))
    places = simulator_of(model.contract).places
    by_state, by_latent = [], []
    for done, (start, goal) in enumerate(places.pairs(pairs, SEED), start=1):
        joint = done % len(goal)
        for found, aim in ((by_state, _one_entry(model, joint, goal)), (by_latent, _half_latent(model, joint, goal))):
            robot = places.at(start)
            journey = pursue(Watcher(model, robot), aim)
            error = abs(float(robot.body.position[joint] - goal[joint]))
            found.append((journey.outcome is Outcome.ARRIVED and error <= ArmPlaces.tolerance, error))
        tell(done, pairs)
    how = f"it said so, and the joint is within {ArmPlaces.tolerance} rad; one joint to a random angle, the other free"
    value, low, high = median([error for _, error in by_state])
    return {
        "partial_goal.success": _rate(by_state, f"{how}; stepped time"),
        "partial_goal.error_rad": Figure(value, "rad", low, high, pairs, conditions(f"median at the end; {how}")),
        "partial_goal.latent_success": _rate(
            by_latent, f"{how}; by the latent of a state whose other entry is unknown, as a comparison; stepped time"
        ),
    }


def _one_entry(model: WorldModel, joint: int, pose: np.ndarray) -> Goal:
    return StateGoal(model, [model.contract.state_names[joint]], [float(pose[joint])])


def _half_latent(model: WorldModel, joint: int, pose: np.ndarray) -> torch.Tensor:
    state = np.where(np.arange(len(pose)) == joint, pose, np.nan).astype(np.float32)
    return model.encode(Observation(0, {}, state))[0]


def _rate(found: list[tuple[bool, float]], how: str) -> Figure:
    reached, count = sum(success for success, _ in found), len(found)
    low, high = wilson(reached, count)
    return Figure(100 * reached / count, "%", 100 * low, 100 * high, count, conditions(f"goals reached: {how}"))
