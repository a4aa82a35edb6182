"""Whether strangeness tells where predictions go wrong, and what a weight on it buys."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED
from benchmark.workers import workers
from jepa_ros.contract import Contract
from jepa_ros.data.episodes import load_episodes
from jepa_ros.evaluation.robot import Look, Watcher, explore
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.evaluation.trials import goal_latent
from jepa_ros.paths import shipped
from jepa_ros.planning import Planner, Present
from jepa_ros.planning.costs import compose
from jepa_ros.simulation.embedded import Setting
from jepa_ros.simulation.recording import record_exploration
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.training.encoded import Stretches, encode_episodes
from jepa_ros.world_model import WorldModel

HORIZON = 8
RUNS, PERIODS = 20, 300  # recordings of each setting, and how long they are
EVERY = 4  # frames from one prediction to the next
WEIGHT = 3.0
PLANS = 120
SETTINGS = {
    "planar_arm": ("planar_arm", [Setting()]),
    "furnished_room": ("furnished_room", [Setting()]),
    "furnished_room.unseen": ("furnished_room", [Setting(layout="dining_room"), Setting(layout="random:7")]),
}
RANKS = tuple(f"predictability.rank.{name}" for name in SETTINGS)
PLANNED = ("predictability.error_ratio", "predictability.progress_ratio")
NAMES = (*RANKS, *PLANNED)
WHERE = {
    "planar_arm": "the planar arm exploring",
    "furnished_room": "the base exploring the room that it was trained in",
    "furnished_room.unseen": "the base exploring two rooms that it has never seen",
}


@dataclass(frozen=True)
class Effort:
    """Recordings of each setting, and plans that are carried out."""

    runs: int = RUNS
    plans: int = PLANS


def measure(tell: Callable[[float, float], None], effort: Effort = Effort()) -> dict[str, Figure]:
    """Explore as the models have not, compare predictions with what came, and carry out plans made with and without."""
    jobs = [
        *(partial(_explored, name, run) for name in SETTINGS for run in range(effort.runs)),
        *(partial(_planned, seed) for seed in range(effort.plans)),
    ]
    found: dict[str, list[np.ndarray]] = {}
    with workers() as pool:
        for done, (what, rows) in enumerate(pool.map(_call, jobs), start=1):
            found.setdefault(what, []).append(rows)
            tell(done, len(jobs))
    ranks = {f"predictability.rank.{name}": _rank_figure(name, found[name]) for name in SETTINGS}
    return {**ranks, **_plan_figures(np.array(found["plan"]))}


def _call(job: Callable[[], tuple[str, np.ndarray]]) -> tuple[str, np.ndarray]:
    return job()


@torch.inference_mode()
def _explored(name: str, run: int) -> tuple[str, np.ndarray]:
    """Strangeness and error (M, 2) of predictions, means over the horizon."""
    robot, settings = SETTINGS[name]
    model = _model(robot)
    stretches = _stretches(model, settings[run % len(settings)], SEED + run)
    predicted = model.predict(stretches.context, stretches.actions)
    columns = model.strangeness(predicted), model.distance(predicted, stretches.future)
    return name, torch.stack([column.mean(dim=1) for column in columns], dim=1).numpy()


def _stretches(model: WorldModel, setting: Setting, seed: int) -> Stretches:
    contract: Contract = model.contract
    with tempfile.TemporaryDirectory() as folder:
        bag = record_exploration(contract, Path(folder) / "bag", PERIODS * contract.period, seed, None, setting)
        encoded = encode_episodes(model, load_episodes(bag, contract))
    parts = [e.stretches(model.architecture, HORIZON, e.starts(model.architecture, HORIZON)[::EVERY]) for e in encoded]
    return Stretches.joined(parts)


def _planned(seed: int) -> tuple[str, np.ndarray]:
    """Errors and progress of a plan without and with a weight on predictability, carried out blindly: (2, 2)."""
    model = _model("furnished_room")
    return "plan", np.array([_carried_out(model, weight, SEED + seed) for weight in (0.0, WEIGHT)])


def _carried_out(model: WorldModel, weight: float, seed: int) -> tuple[float, float]:
    simulator = simulator_of(model.contract)
    robot, goal = simulator.anywhere(seed), goal_latent(model, simulator.anywhere(seed + PLANS))
    watcher = Watcher(model, robot)
    *_, looks = explore(watcher, HORIZON * model.contract.period, seed)
    cost = compose({"running_distance": 1.0, "predictability": weight}, model.contract)
    state = looks[-1].observation.state
    present = Present(torch.tensor(robot.motion(state).command).float(), torch.tensor(state).float())
    plan = Planner(model.contract.limits, HORIZON, cost=cost).plan(model, looks[-1].context, goal, present)
    errors = []
    for action, predicted in zip(plan.actions, plan.prediction):
        robot.act(action.numpy(), looks[-1].observation.state)
        looks = watcher.advance()
        errors.append(float(model.distance(_newest(looks), predicted)))
    return float(np.mean(errors)), plan.start_distance - float(model.distance(_newest(looks), goal))


def _newest(looks: Sequence[Look]) -> torch.Tensor:
    return looks[-1].context[0, -1]


def _model(robot: str) -> WorldModel:
    return WorldModel.from_pretrained(shipped(f"models/{robot}"))


def _rank_figure(name: str, runs: Sequence[np.ndarray]) -> Figure:
    def correlation(chosen: np.ndarray) -> float:
        rows = np.concatenate([runs[int(run)] for run in chosen])
        return float(np.corrcoef(*(np.argsort(np.argsort(column)) for column in rows.T))[0, 1])

    every = np.arange(len(runs))
    how = (
        f"Spearman's rank correlation of the strangeness of predicted latents with their true error, both means over "
        f"{HORIZON} periods; {WHERE[name]}, {len(runs)} recordings of {PERIODS} periods; interval by resampling whole "
        "recordings"
    )
    count = sum(map(len, runs))
    return Figure(correlation(every), "", *bootstrap(correlation, every), count, conditions(how))


def _plan_figures(found: np.ndarray) -> dict[str, Figure]:
    """Of errors and progress (M, 2, 2)."""
    how = conditions(
        f"with cost.predictability {WEIGHT:g} over without; plans of {HORIZON} periods to pictures of random places of "
        "the furnished room, whatever stands between, carried out without looking"
    )
    words = ("mean error of the prediction", "mean distance to the goal that was covered")

    def ratio(without: np.ndarray, weighted: np.ndarray) -> float:
        return float(weighted.mean() / without.mean())

    return {
        name: Figure(ratio(*columns), "×", *bootstrap(ratio, *columns), len(found), f"{what} {how}")
        for name, what, columns in zip(PLANNED, words, found.transpose(2, 1, 0))
    }
