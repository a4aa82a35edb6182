"""What the learned proposal is worth: used alone, and as where a search begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, SEED
from benchmark.stepped import GOALS
from jepa_ros.evaluation.robot import Watcher
from jepa_ros.evaluation.statistics import bootstrap, wilson
from jepa_ros.evaluation.trials import goal_latent, pursue
from jepa_ros.planning import AsProposed, CrossEntropy, GaussNewton, Optimiser, Outcome, Plan, Planner, Present
from jepa_ros.simulation.places import ArmPlaces
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

PAIRS = 50
MOMENTS = 3  # of each motion, evenly spread from its beginning, in which costs are compared
LONG = (CrossEntropy(candidates=200, elites=10, iterations=30), GaussNewton(iterations=30))
COSTS = ("proposal.cost_percent", "proposal.seeded_cost_percent", "proposal.unseeded_cost_percent")
NAMES = ("proposal.success", *COSTS)


class Situation(NamedTuple):
    """What a plan is made from: the present latents, the goal, and how the robot moves."""

    latent: Tensor
    goal: Tensor
    present: Present


class Noting(Planner):
    """A planner that keeps the situations in which it was asked for a plan."""

    def __init__(self, *arguments: object, **options: object):
        super().__init__(*arguments, **options)
        self.situations: list[Situation] = []

    def plan(self, model: WorldModel, latent: Tensor, goal: Tensor, present: Present, warm: Plan | None = None) -> Plan:
        self.situations.append(Situation(latent, goal, present))
        return super().plan(model, latent, goal, present, warm)


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Pursue pictures of random poses as proposed, and compare costs with those of searches on the way."""
    torch.set_num_threads(1)
    model, silent = (WorldModel.from_pretrained(MODEL) for _ in range(2))
    silent.proposer = None
    places = simulator_of(model.contract).places
    reached, costs = [], []
    for start, goal in places.pairs(pairs, SEED):
        arrived, situations = _as_proposed(model, places, start, goal)
        reached.append(arrived)
        costs += [_costs(model, silent, situation) for situation in situations]
        tell(len(reached), pairs)
    return {"proposal.success": _success(reached), **_cost_figures(np.array(costs))}


def _as_proposed(
    model: WorldModel, places: ArmPlaces, start: np.ndarray, goal: np.ndarray
) -> tuple[bool, list[Situation]]:
    """Whether a goal is reached by proposals alone, and a few situations on the way."""
    robot, planner = places.at(start), Noting(model.contract.limits, search=AsProposed())
    journey = pursue(Watcher(model, robot), goal_latent(model, places.at(goal)), planner=planner)
    arrived = journey.outcome is Outcome.ARRIVED and places.error(robot, goal) <= places.tolerance
    count = len(planner.situations)
    return arrived, [planner.situations[count * moment // MOMENTS] for moment in range(MOMENTS)]


def _costs(model: WorldModel, silent: WorldModel, situation: Situation) -> tuple[float, float, float, float]:
    """Of what is proposed, of searches that begin with it and without, and the least that anybody finds."""
    found = (
        _cost(model, situation, AsProposed()),
        _cost(model, situation, CrossEntropy()),
        _cost(silent, situation, CrossEntropy()),
    )
    return (*found, min(*found, *(_cost(model, situation, search) for search in LONG)))


def _cost(model: WorldModel, situation: Situation, search: Optimiser) -> float:
    return Planner(model.contract.limits, search=search, seed=SEED, engine="float32").plan(model, *situation).cost


def _success(reached: list[bool]) -> Figure:
    low, high = wilson(sum(reached), len(reached))
    how = conditions(
        f"{GOALS['planar_arm']}, pursued in stepped time by what the shipped model proposes, without a search; "
        f"reached: it said so, and every joint is within {ArmPlaces.tolerance} rad"
    )
    return Figure(100 * sum(reached) / len(reached), "%", 100 * low, 100 * high, len(reached), how)


def _cost_figures(costs: np.ndarray) -> dict[str, Figure]:
    """Of costs (M, 4), the last of them the least."""

    def more(found: np.ndarray, least: np.ndarray) -> float:
        return 100 * float(found.sum() / least.sum() - 1)

    what = (
        "the proposal alone",
        f"{CrossEntropy()} that begins with the proposal",
        f"{CrossEntropy()} that begins with going on as now",
    )
    how = (
        f"by how much plans cost more than the best found, all of them together; best: the least of these, {LONG[0]} "
        f"and {LONG[1]}; plans of 8 periods from nothing at {MOMENTS} moments of each of those motions; float32; "
        "interval by resampling situations"
    )
    return {
        name: Figure(
            more(found, costs[:, -1]),
            "%",
            *bootstrap(more, found, costs[:, -1]),
            len(costs),
            conditions(f"{search}: {how}"),
        )
        for name, search, found in zip(COSTS, what, costs.T)
    }
