"""Goal pictures pursued in stepped time: as through the nodes, but as fast as the machine is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED
from jepa_ros.evaluation.trials import ClosedLoop, Rate, Trial, run_trial
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

PAIRS = 50
GOALS = {
    "planar_arm": "pictures of random poses from random poses",
    "furnished_room": "pictures of the base at random places that a free straight line leads to, 0.5 m or more away, "
    "in the living room",
}


def pursue_pairs(
    path: Path, pairs: int = PAIRS, tell: Callable[[float, float], None] = lambda done, total: None
) -> ClosedLoop:
    """Trials of a model on random pairs of its robot; needs one core."""
    torch.set_num_threads(1)
    model = WorldModel.from_pretrained(path)
    places = simulator_of(model.contract).places
    trials: list[Trial] = []
    for start, goal in places.pairs(pairs, SEED):
        trials.append(run_trial(model, places, start, goal, SEED + len(trials))[0])
        tell(len(trials), pairs)
    return ClosedLoop.of(trials, places)


def success(robot: str, found: ClosedLoop, model: str) -> Figure:
    """The goals reached."""
    return _rate(
        found.reached,
        f"{GOALS[robot]}, pursued in stepped time by {model}; reached: it said so, and the {found.measure} was at most "
        f"{found.tolerance:g}",
    )


def floor(robot: str, found: ClosedLoop, model: str) -> Figure:
    """The goals that random actions reach."""
    return _rate(
        found.random,
        f"random legal actions from the same starts, for as long as {model} took; coming within {found.tolerance:g} "
        f"({found.measure}) at the end of any control period counts",
    )


def _rate(rate: Rate, how: str) -> Figure:
    return Figure(100 * rate.share, "%", 100 * rate.low, 100 * rate.high, rate.trials, conditions(how))
