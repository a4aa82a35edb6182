"""How late a plan is that was asked for within a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, SEED
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.evaluation.trials import goal_latent
from jepa_ros.planning import OPTIMISERS, AsProposed, CrossEntropy, GaussNewton, Optimiser, Planner, Present
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

Planned = tuple[Optimiser, int]  # a search and its horizon
PREFIX = "plan.overrun_ms"
SEARCHES: dict[str, Planned] = {
    **{name: (kind(), 8) for name, kind in OPTIMISERS.items() if kind is not AsProposed},
    "cem.8192_candidates": (CrossEntropy(candidates=8192), 8),
    "gauss_newton.horizon_64": (GaussNewton(), 64),
}
NAMES = tuple(f"{PREFIX}.{name}" for name in SEARCHES)
BUDGETS = (0.005, 0.1)  # s, each drawn evenly from between
PLANS = 400  # of each search


def measure(tell: Callable[[float, float], None], plans: int = PLANS) -> dict[str, Figure]:
    """Ask every search for plans within random budgets, to pictures of random goals."""
    torch.set_num_threads(1)
    model = WorldModel.from_pretrained(MODEL)
    late: dict[str, list[float]] = {name: [] for name in SEARCHES}
    for done, (budget, situation) in enumerate(_requests(model, plans), start=1):
        for name, (search, horizon) in SEARCHES.items():
            planner = Planner(model.contract.limits, horizon, search)
            late[name].append(1e3 * (_seconds(planner, model, situation, budget) - budget))
        tell(done, plans)
    return {f"{PREFIX}.{name}": _figure(name, found) for name, found in late.items()}


def _requests(model: WorldModel, plans: int) -> Iterator[tuple[float, tuple[Tensor, Tensor, Present]]]:
    """Budgets (s), each with a latent, a goal and how the robot moves."""
    random, places = np.random.default_rng(SEED), simulator_of(model.contract).places
    for start, goal in places.pairs(plans, SEED):
        latent = goal_latent(model, places.at(start)).unsqueeze(0)
        present = Present(torch.zeros(2), torch.tensor(start, dtype=torch.float32))
        yield random.uniform(*BUDGETS), (latent, goal_latent(model, places.at(goal)), present)


def _seconds(planner: Planner, model: WorldModel, situation: tuple[Tensor, Tensor, Present], budget: float) -> float:
    begin = time.perf_counter()
    for _ in planner.plan_within(model, *situation, budget):
        pass
    return time.perf_counter() - begin


def _figure(name: str, late: list[float]) -> Figure:
    def slowest(samples: np.ndarray) -> float:
        return float(np.quantile(samples, 0.99))

    search, horizon = SEARCHES[name]
    how = conditions(
        f"99th percentile of the time at which the last plan came, minus the budget; {search}, horizon {horizon}, "
        f"budgets between {1e3 * BUDGETS[0]:g} and {1e3 * BUDGETS[1]:g} ms, to pictures of random goals of the planar "
        f"arm; one thread; the median was {np.median(late):.2f} ms"
    )
    return Figure(slowest(np.array(late)), "ms", *bootstrap(slowest, late), len(late), how)
