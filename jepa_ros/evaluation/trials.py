"""Closed-loop trials: from random starts to pictures of random goals, judged by where the robot really is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Observation
from jepa_ros.evaluation.driving import Journey, Verdict, drive, surprised
from jepa_ros.evaluation.robot import Look, Robot, Watcher
from jepa_ros.evaluation.simulator import Places
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.planning import Goal, Guide, Outcome, Patience, Planner, Pursuit
from jepa_ros.world_model import WorldModel

PATIENCE = Patience(timeout=30.0)


@dataclass(frozen=True)
class Trial:
    """One start and goal (P,): how the pursuit ended, after how many seconds, and how far from the goal that was.

    ``reached``: the pursuit said that it had arrived, and the robot was there. ``random`` says whether random actions
    for as long from the same start passed by the goal.
    """

    start: list[float]
    goal: list[float]
    outcome: str
    seconds: float
    error: float
    reached: bool
    random: bool


@dataclass(frozen=True)
class Rate:
    """A share of trials with its 95 % interval."""

    successes: int
    trials: int
    share: float
    low: float
    high: float

    @classmethod
    def of(cls, outcomes: Sequence[bool]) -> Rate:
        successes, trials = sum(outcomes), len(outcomes)
        return cls(successes, trials, successes / trials, *wilson(successes, trials))


@dataclass(frozen=True)
class ClosedLoop:
    """All trials of one model.

    ``error`` is the median of what ``measure`` names, ``seconds`` the median simulated time of those that reached
    their goal, None where none did.
    """

    measure: str
    tolerance: float

    reached: Rate
    random: Rate
    seconds: float | None
    error: float
    trials: list[Trial]

    @classmethod
    def of(cls, trials: Sequence[Trial], places: Places) -> ClosedLoop:
        times = [trial.seconds for trial in trials if trial.reached]
        seconds = float(np.median(times)) if times else None
        error = float(np.median([trial.error for trial in trials]))
        reached, random = (Rate.of([getattr(t, name) for t in trials]) for name in ("reached", "random"))
        return cls(places.measure, places.tolerance, reached, random, seconds, error, list(trials))


def run_trial(
    model: WorldModel, places: Places, start: np.ndarray, goal: np.ndarray, seed: int = 0
) -> tuple[Trial, list[Look]]:
    """Pursue the picture of one goal from one start; also returns all looks on the way."""
    robot = places.at(start)
    pursuit = pursue(Watcher(model, robot), goal_latent(model, places.at(goal)))
    seconds = len(pursuit.steps) * robot.contract.period
    error = places.error(robot, goal)
    reached = pursuit.outcome is Outcome.ARRIVED and error <= places.tolerance
    random = passes_by(places, start, goal, seconds, np.random.default_rng(seed))
    trial = Trial(start.tolist(), goal.tolist(), pursuit.outcome.value, seconds, error, reached, random)
    return trial, pursuit.looks


@torch.inference_mode()
def goal_latent(model: WorldModel, robot: Robot) -> Tensor:
    """The latent (N, D) of what a robot sees, without its state where it sees anything: a goal image's."""
    seen = robot.advance()[-1]
    unfelt = np.full_like(seen.state, np.nan) if seen.images else seen.state
    return model.encode(Observation(seen.stamp_ns, seen.images, unfelt))[0]


def pursue(
    watcher: Watcher,
    goal: Goal | Tensor,
    patience: Patience = PATIENCE,
    anomalous: Verdict = surprised,
    planner: Planner | None = None,
    guide: Guide | None = None,
) -> Journey:
    """Pursue a goal, or goal latent (N, D), to its end, as move_to_goal does. Planning takes no simulated time."""
    model = watcher.model
    planner = planner or Planner(watcher.robot.contract.limits)
    tolerance = model.calibration.tolerance
    return drive(watcher, lambda now: Pursuit(model, planner, goal, tolerance, patience, now, guide), anomalous)


def passes_by(places: Places, start: np.ndarray, goal: np.ndarray, seconds: float, random: np.random.Generator) -> bool:
    """Whether random legal actions bring a robot from its start to the goal, if only in passing."""
    robot = places.at(start)
    limits = robot.contract.limits
    for _ in range(math.ceil(seconds / robot.contract.period)):
        state = robot.advance()[-1].state
        if places.error(robot, goal) <= places.tolerance:
            return True
        robot.act(random.uniform(limits.low, limits.high), state)
    return False
