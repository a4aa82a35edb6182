"""Everything that ``evaluate`` measures of one model, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from jepa_ros.data.episodes import Episode
from jepa_ros.evaluation.operation import Machines
from jepa_ros.evaluation.prediction import PredictionQuality, prediction_quality
from jepa_ros.evaluation.probes import LatentQuality, latent_quality
from jepa_ros.evaluation.ranking import RankingQuality, ranking_quality
from jepa_ros.evaluation.robot import Watcher, explore
from jepa_ros.evaluation.simulator import Places, Simulator
from jepa_ros.evaluation.surprise import (
    RUN,
    FalseAlarms,
    FaultDetection,
    detect_fault,
    false_alarms,
    p_values,
    recorded_p_values,
)
from jepa_ros.evaluation.trials import ClosedLoop, run_trial
from jepa_ros.evaluation.warning import Warnings, simulate_runs, warnings
from jepa_ros.training.encoded import encode_episodes
from jepa_ros.training.split import split
from jepa_ros.world_model import WorldModel

FIT = 0.5  # share of the data that probes and the linear baseline are fitted on; the rest judges

Tell = Callable[[float, float], None]


@dataclass(frozen=True)
class Effort:
    """How much is simulated: pursuits, how often each fault befalls an exploring robot, and normal runs.

    Of a machine that wears: hours of normal operation, once to set thresholds and once to check them, and how often
    each fault develops.
    """

    trials: int = 50
    faults: int = 15
    runs: int = 8
    normal_hours: int = 12
    developments: int = 4
    seed: int = 2_000_003
    """Of everything random; far from the seeds that data is recorded with."""


@dataclass(frozen=True)
class Evaluation:
    """One model's figures.

    ``closed_loop`` is None for a robot that is nowhere or not simulated, ``faults`` is empty for one that is not.
    ``warnings`` is None for one in which no faults develop, or for a model that is not calibrated for drift.
    """

    model: str
    robot: str
    parameters: int
    tolerance: float
    minutes: float
    prediction: PredictionQuality
    ranking: RankingQuality
    latents: LatentQuality
    faults: list[FaultDetection]
    alarms: list[FalseAlarms]
    closed_loop: ClosedLoop | None
    warnings: Warnings | None


def evaluate(
    model: WorldModel,
    label: str,
    episodes: Sequence[Episode],
    simulator: Simulator | None = None,
    effort: Effort = Effort(),
    tell: Tell = lambda done, total: None,
    machines: Machines | None = None,
) -> Evaluation:
    """Measure one model on recorded episodes that it was not trained on, and in simulation where there is one.

    ``tell`` is called with the work done and all of it. Raises ValueError where the episodes are too short.
    """
    machines = machines if model.calibration.drift is not None else None
    work = _Work(tell, 1 + _amount(simulator, machines, effort))
    contract = model.contract
    fit, test = (encode_episodes(model, part) for part in split(episodes, FIT))
    offline = {
        "prediction": prediction_quality(model, fit, test, effort.seed),
        "ranking": ranking_quality(model, test, seed=effort.seed),
        "latents": latent_quality(fit, test, contract.state_names, bool(contract.images)),
    }
    with torch.inference_mode():
        alarms = [false_alarms("recorded data", recorded_p_values(model, test))]
    work.done()
    faults, closed_loop = [], None
    if simulator is not None:
        faults = [_detect(model, fault, simulator, effort, work) for fault in simulator.faults]
        alarms.append(false_alarms("exploring", _explore(model, simulator, effort, work)))
    if simulator is not None and simulator.places is not None and effort.trials:
        closed_loop, planning = _trials(model, simulator.places, effort, work)
        alarms.append(false_alarms("planning", planning))
    return Evaluation(
        model=label,
        robot=contract.robot_type,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        tolerance=model.calibration.tolerance,
        minutes=float(sum(e.stamps_ns[-1] - e.stamps_ns[0] for e in episodes)) * 1e-9 / 60,
        **offline,
        faults=faults,
        alarms=alarms,
        closed_loop=closed_loop,
        warnings=None if machines is None else _warn(model, machines, effort, work),
    )


class _Work:
    """Counts what is done of the whole."""

    def __init__(self, tell: Tell, total: int):
        self._tell, self._done, self._total = tell, 0, total
        tell(0, total)

    def done(self) -> None:
        self._done += 1
        self._tell(self._done, self._total)


def _amount(simulator: Simulator | None, machines: Machines | None, effort: Effort) -> int:
    amount = 0
    if simulator is not None:
        amount += len(simulator.faults) + effort.runs + (effort.trials if simulator.places else 0)
    if machines is not None:
        amount += 2 * effort.normal_hours + effort.developments * len(machines.faults)
    return amount


def _detect(model: WorldModel, fault: str, simulator: Simulator, effort: Effort, work: _Work) -> FaultDetection:
    robot = simulator.faulty(fault, effort.seed)
    found = detect_fault(model, fault, robot, effort.faults * sum(robot.fault.rhythm), effort.seed)
    work.done()
    return found


def _explore(model: WorldModel, simulator: Simulator, effort: Effort, work: _Work) -> list[np.ndarray]:
    runs = []
    for seed in range(effort.seed, effort.seed + effort.runs):
        watcher = Watcher(model, simulator.anywhere(seed))
        runs.append(p_values(look for looks in explore(watcher, RUN * model.contract.period, seed) for look in looks))
        work.done()
    return runs


def _trials(model: WorldModel, places: Places, effort: Effort, work: _Work) -> tuple[ClosedLoop, list[np.ndarray]]:
    """The trials, and the p-values that were seen on the way to every goal."""
    trials, runs = [], []
    for number, (start, goal) in enumerate(places.pairs(effort.trials, effort.seed)):
        trial, looks = run_trial(model, places, start, goal, effort.seed + number)
        trials.append(trial)
        runs.append(p_values(looks))
        work.done()
    return ClosedLoop.of(trials, places), runs


def _warn(model: WorldModel, machines: Machines, effort: Effort, work: _Work) -> Warnings:
    runs = simulate_runs(machines, effort.normal_hours, effort.developments, effort.seed, done=work.done)
    return warnings(model, runs)
