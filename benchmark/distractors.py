"""Goals reached before a background that flickers, by a model that predicts latents and by one that predicts pixels.

Each is trained and run without distractors and with them: four models, the same minutes, recipe and pairs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import count
from pathlib import Path

import numpy as np

from benchmark import logs, pixels
from benchmark.distractors_picture import draw_distractors
from benchmark.figures import Figure, conditions
from benchmark.kept import kept
from benchmark.nodes import SEED, planar_arm_contract
from benchmark.workers import workers
from jepa_ros.data.episodes import Episode
from jepa_ros.evaluation.statistics import newcombe, wilson
from jepa_ros.evaluation.trials import run_trial
from jepa_ros.simulation.embedded import Setting
from jepa_ros.simulation.places import ArmPlaces
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.simulation.stepped import SteppedRobot
from jepa_ros.training import Recipe, make_model, save
from jepa_ros.training.terms import Terms, usual_terms
from jepa_ros.world_model import WorldModel

LEVEL = 0.3  # share of the pixels that flicker
MODEL = "planar_arm"
LOT = 20  # pairs that a process takes at a time
TERMS: Mapping[str, Terms] = {"": usual_terms, "pixels.": pixels.pixel_terms}
NAMES = tuple(
    f"distractors.{target}{name}" for target in TERMS for name in ("success", "clean_success", "success_drop_points")
)


@dataclass(frozen=True)
class Effort:
    """Minutes of exploring, how models learn from them, and pairs of start and goal."""

    minutes: float = 20.0
    recipe: Recipe = field(default_factory=Recipe)
    pairs: int = 200


@dataclass(frozen=True)
class Task:
    """What one model learns to predict, and the share of pixels that flicker meanwhile and when it is run."""

    target: str
    level: float


TASKS = tuple(Task(target, level) for target in TERMS for level in (0.0, LEVEL))


def measure(tell: Callable[[float, float], None], effort: Effort = Effort()) -> dict[str, Figure]:
    """Train what has not been trained before, pursue pictures of random goals, and draw the README's picture."""
    figures = summary(pursued(tell, effort), effort)
    draw_distractors(figures, LEVEL)
    return figures


def pursued(tell: Callable[[float, float], None], effort: Effort) -> dict[Task, list[bool]]:
    """Which pairs each task's model reaches."""
    lots = [(task, first) for task in TASKS for first in range(0, effort.pairs, LOT)]
    total = len(TASKS) * effort.pairs * 2
    reached: dict[Task, list[bool]] = {task: [] for task in TASKS}
    with workers() as pool:
        for done, _ in enumerate(pool.map(partial(_train, effort), (0.0, LEVEL)), start=1):
            tell(done * total / 4, total)
        for (task, _), part in zip(lots, pool.map(partial(_pursue, effort), *zip(*lots))):
            reached[task] += part
            tell(total / 2 + sum(map(len, reached.values())), total)
    return reached


def _train(effort: Effort, level: float) -> None:
    """Have the models of a level trained, one after the other: they learn from the same logs."""
    for task in TASKS:
        if task.level == level:
            _model(effort, task)


def _model(effort: Effort, task: Task) -> WorldModel:
    how = hashlib.sha256(effort.recipe.model_dump_json().encode()).hexdigest()[:8]
    name = f"{task.target.strip('.') or 'latents'}_{task.level:g}_{effort.minutes:g}min_{how}"
    modules = (Path(module.__file__) for module in (logs, pixels))
    return WorldModel.from_pretrained(kept(name, partial(_make, effort, task), *modules) / MODEL)


def _make(effort: Effort, task: Task, folder: Path) -> None:
    episodes = _logs(effort.minutes, task.level)
    save(make_model(planar_arm_contract(), episodes, effort.recipe, MODEL, terms=TERMS[task.target]), folder / MODEL)


@lru_cache(maxsize=1)
def _logs(minutes: float, level: float) -> list[Episode]:
    return logs.explored(simulator_of(planar_arm_contract(), Setting(distractors=level)).anywhere, minutes)


def _pursue(effort: Effort, task: Task, first: int) -> list[bool]:
    """Whether the pairs of a lot are reached."""
    model, moments = _model(effort, task), Moments(task.level, first)
    lot = moments.pairs(effort.pairs, SEED)[first : first + LOT]
    return [run_trial(model, moments, start, goal, SEED + n)[0].reached for n, (start, goal) in enumerate(lot, first)]


class Moments(ArmPlaces):
    """Places arms, each before a background at other moments."""

    def __init__(self, level: float, seed: int):
        super().__init__(planar_arm_contract(), Setting(distractors=level))
        self._seeds = count(SEED + 10 * seed)

    def at(self, place: np.ndarray) -> SteppedRobot:
        return ArmPlaces(self._contract, replace(self._setting, seed=next(self._seeds))).at(place)


def summary(reached: Mapping[Task, list[bool]], effort: Effort) -> dict[str, Figure]:
    """The figures of all tasks."""
    how = (
        f"planar_arm, {effort.minutes:g} minutes of exploring, {effort.recipe.steps} steps × {effort.recipe.batch}, "
        f"seed {effort.recipe.seed}; pictures of random goals from random starts, stepped; reached: arrived, and every "
        f"true joint angle within {ArmPlaces.tolerance} rad"
    )
    flickering = f"{LEVEL:.0%} of the pixels flickering in training and in the trials"
    figures = {}
    for target in TERMS:
        without, with_ = (reached[Task(target, level)] for level in (0.0, LEVEL))
        about = f"a model that learnt to predict {'pixels' if target else 'latents'}; {how}"
        figures |= {
            f"distractors.{target}success": _rate(with_, f"{flickering}; {about}"),
            f"distractors.{target}clean_success": _rate(without, f"nothing flickering; {about}"),
            f"distractors.{target}success_drop_points": _drop(without, with_, f"with {flickering}; {about}"),
        }
    return figures


def _rate(reached: list[bool], how: str) -> Figure:
    low, high = wilson(sum(reached), len(reached))
    return Figure(100 * sum(reached) / len(reached), "%", 100 * low, 100 * high, len(reached), conditions(how))


def _drop(clean: list[bool], flickering: list[bool], how: str) -> Figure:
    pairs = len(clean)
    drop, low, high = (100 * value for value in newcombe(sum(clean), pairs, sum(flickering), pairs))
    return Figure(drop, "points", low, high, pairs, conditions(how))
