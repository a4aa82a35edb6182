"""Closed-loop trials: from random starts to pictures of random goals, judged by where the joints really are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Contract, Observation
from jepa_ros.evaluation.robot import Look, Robot, Watcher
from jepa_ros.evaluation.statistics import wilson
from jepa_ros.planning import Outcome, Patience, Planner, Present, Pursuit, Step
from jepa_ros.world_model import WorldModel

TOLERANCE = 0.1  # every action's joint, in its unit
MARGIN = 0.1  # kept from the position limits by starts and goals
ANOMALOUS = 0.001  # p-values up to this count as surprise, as in the nodes by default
PATIENCE = Patience(timeout=30.0)

Place = Callable[[np.ndarray], Robot]
"""Gives a robot at rest with its joints at a pose (A,)."""


@dataclass(frozen=True)
class Journey:
    """One pursuit: how it ended, its steps, and everything that was seen on the way."""

    outcome: Outcome
    steps: list[Step]
    looks: list[Look]


@dataclass(frozen=True)
class Trial:
    """One start and goal (A,): how the pursuit ended, after how many seconds, and the largest joint error then.

    ``random`` says whether random actions for as long from the same start passed by the goal.
    """

    start: list[float]
    goal: list[float]
    outcome: str
    seconds: float
    error: float
    random: bool

    @property
    def reached(self) -> bool:
        return self.outcome == Outcome.ARRIVED.value and self.error <= TOLERANCE


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

    ``error`` is the median joint error, ``seconds`` the median simulated time of those that reached their goal, None
    where none did.
    """

    reached: Rate
    random: Rate
    seconds: float | None
    error: float
    trials: list[Trial]

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> ClosedLoop:
        times = [trial.seconds for trial in trials if trial.reached]
        seconds = float(np.median(times)) if times else None
        error = float(np.median([trial.error for trial in trials]))
        reached, random = (Rate.of([getattr(t, name) for t in trials]) for name in ("reached", "random"))
        return cls(reached, random, seconds, error, list(trials))


def random_pairs(contract: Contract, count: int, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of start and goal poses (A,), uniform over what the contract allows."""
    low, high = contract.limits.position_low + MARGIN, contract.limits.position_high - MARGIN
    return [tuple(pair) for pair in np.random.default_rng(seed).uniform(low, high, (count, 2, len(low)))]


def run_trial(
    model: WorldModel, place: Place, start: np.ndarray, goal: np.ndarray, seed: int = 0
) -> tuple[Trial, list[Look]]:
    """Pursue the picture of one goal from one start; also returns all looks on the way."""
    robot = place(start)
    pursuit = pursue(Watcher(model, robot), goal_latent(model, place(goal)))
    seconds = len(pursuit.steps) * robot.contract.period
    error = float(np.abs(robot.position() - goal).max())
    random = passes_by(place(start), goal, seconds, np.random.default_rng(seed))
    return Trial(start.tolist(), goal.tolist(), pursuit.outcome.value, seconds, error, random), pursuit.looks


@torch.inference_mode()
def goal_latent(model: WorldModel, robot: Robot) -> Tensor:
    """The latent (N, D) of what a robot sees, without its state where it sees anything: a goal image's."""
    seen = robot.advance()[-1]
    unfelt = np.full_like(seen.state, np.nan) if seen.images else seen.state
    return model.encode(Observation(seen.stamp_ns, seen.images, unfelt))[0]


def pursue(
    watcher: Watcher,
    goal: Tensor,
    patience: Patience = PATIENCE,
    anomalous: Callable[[Look], bool] | None = None,
    planner: Planner | None = None,
) -> Journey:
    """Pursue a goal latent (N, D) to its end, as move_to_goal does; simulated time stands still while planning."""
    model, robot = watcher.model, watcher.robot
    anomalous = anomalous or surprised
    planner = planner or Planner(robot.contract.limits)
    pursuit: Pursuit | None = None
    looks: list[Look] = []
    steps: list[Step] = []
    while not steps or steps[-1].outcome is None:
        looks += watcher.advance()
        now, state = looks[-1].seconds, looks[-1].observation.state
        pursuit = pursuit or Pursuit(model, planner, goal, model.calibration.tolerance, patience, now)
        steps.append(pursuit.step(now, looks[-1].latent, _present(robot, state), anomalous(looks[-1])))
        if steps[-1].plan is not None:
            robot.act(steps[-1].plan.actions[0].cpu().numpy(), state)
    return Journey(steps[-1].outcome, steps, looks)


def surprised(look: Look) -> bool:
    """Whether the world differs from prediction more than it normally does."""
    return look.surprise is not None and look.surprise.p_value <= ANOMALOUS


def passes_by(robot: Robot, goal: np.ndarray, seconds: float, random: np.random.Generator) -> bool:
    """Whether random legal actions bring every joint within TOLERANCE of the goal (A,), if only in passing."""
    limits = robot.contract.limits
    for _ in range(math.ceil(seconds / robot.contract.period)):
        state = robot.advance()[-1].state
        if np.abs(robot.position() - goal).max() <= TOLERANCE:
            return True
        robot.act(random.uniform(limits.low, limits.high), state)
    return False


def _present(robot: Robot, state: np.ndarray) -> Present:
    command = robot.motion(state).command
    return Present(torch.as_tensor(command, dtype=torch.float32), torch.as_tensor(state, dtype=torch.float32))
