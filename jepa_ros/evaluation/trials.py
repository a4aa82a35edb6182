"""Closed-loop trials: from random starts to pictures of random goals, judged by where the robot really is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Observation
from jepa_ros.evaluation.robot import Look, Robot, Watcher
from jepa_ros.evaluation.simulator import Places
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.planning import Goal, Guide, Outcome, Patience, Planner, Present, Pursuit, Step, look_ahead
from jepa_ros.world_model import WorldModel

ANOMALOUS = 0.001  # p-values up to this count as surprise, as in the nodes by default
PATIENCE = Patience(timeout=30.0)


@dataclass(frozen=True)
class Journey:
    """One pursuit: how it ended, its steps, and everything that was seen on the way."""

    outcome: Outcome
    steps: list[Step]
    looks: list[Look]


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
    anomalous: Callable[[Look], bool] | None = None,
    planner: Planner | None = None,
    guide: Guide | None = None,
) -> Journey:
    """Pursue a goal, or goal latent (N, D), to its end, as move_to_goal does. Planning takes no simulated time."""
    model, robot = watcher.model, watcher.robot
    anomalous = anomalous or surprised
    planner = planner or Planner(robot.contract.limits)
    pursuit: Pursuit | None = None
    looks: list[Look] = []
    steps: list[Step] = []
    while not steps or steps[-1].outcome is None:
        looks += watcher.advance()
        if not looks:  # the first image is still on its way
            continue
        seen, now = looks[-1], robot.now_ns * 1e-9
        state = seen.observation.state
        pursuit = pursuit or Pursuit(model, planner, goal, model.calibration.tolerance, patience, now, guide)
        foreseen = look_ahead(model, seen.context, seen.observation.stamp_ns, robot.now_ns, robot.command_between)
        p_value = seen.surprise.p_value if seen.surprise else 1.0
        steps.append(pursuit.step(now, seen.context, _present(robot, state), anomalous(seen), foreseen, p_value))
        if steps[-1].plan is not None:
            robot.act(steps[-1].plan.actions[0].cpu().numpy(), state)
        elif steps[-1].outcome is None:
            robot.stop(state)
    return Journey(steps[-1].outcome, steps, looks)


def surprised(look: Look) -> bool:
    """Whether the world differs from prediction more than it normally does."""
    return look.surprise is not None and look.surprise.p_value <= ANOMALOUS


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


def _present(robot: Robot, state: np.ndarray) -> Present:
    command = robot.motion(state).command
    return Present(torch.as_tensor(command, dtype=torch.float32), torch.as_tensor(state, dtype=torch.float32))
