"""Whether surprise tells faults from normal motion, and keeps to the false alarms that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED
from benchmark.workers import workers
from jepa_ros.evaluation.robot import Watcher, explore
from jepa_ros.evaluation.statistics import bootstrap, roc_auc
from jepa_ros.evaluation.surprise import RUN, FalseAlarms, false_alarms, fault_errors, p_values
from jepa_ros.evaluation.trials import run_trial
from jepa_ros.paths import shipped
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

DRIVERS = {"exploring": "", "planning": ".planning"}
# Rates asked for; a few minutes of held-out motion, whose frames are alike, say little of a thousandth.
AT = {0.01: "", 0.001: ".at_0.001", 0.1: ".at_0.1"}
FAULTS = ("teleport", "blank_camera", "frozen_camera", "blocked_joint")
LOT = 4  # runs, or pursuits, that a process takes at a time


@dataclass(frozen=True)
class Effort:
    """Runs of RUN periods with each fault and without any, and pursuits of random goals."""

    faulty: int = 16
    normal: int = 40
    pursuits: int = 80


def names(prefix: str) -> tuple[str, ...]:
    """The figures of one robot."""
    alarms = [f"{prefix}.false_alarm_ratio{driver}{at}" for driver in DRIVERS.values() for at in AT.values()]
    return (*(f"{prefix}.auc.{fault}" for fault in FAULTS), *alarms)


def measure(
    robot: str, prefix: str, tell: Callable[[float, float], None], effort: Effort = Effort()
) -> dict[str, Figure]:
    """Let a robot of this type explore, with faults and without, and pursue goals, watched by its shipped model."""
    jobs = [
        *(partial(_faulty, robot, fault, seed) for fault in FAULTS for seed in _lots(effort.faulty)),
        *(partial(_exploring, robot, seed) for seed in _lots(effort.normal)),
        *(partial(_planning, robot, seed) for seed in _lots(effort.pursuits)),
    ]
    found: dict[str, list] = {}
    with workers() as pool:
        for done, (what, runs) in enumerate(pool.map(_call, jobs), start=1):
            found.setdefault(what, []).extend(runs)
            tell(done, len(jobs))
    figures = {f"{prefix}.auc.{fault}": detection_figure(fault, found[fault], robot) for fault in FAULTS}
    for driver, name in DRIVERS.items():
        alarms = alarm_figures(false_alarms(driver, found[driver], tuple(AT)), robot)
        figures |= {f"{prefix}.false_alarm_ratio{name}{at}": figure for at, figure in zip(AT.values(), alarms)}
    return figures


def _lots(runs: int) -> list[range]:
    """Seeds, a few runs' at a time."""
    return [range(SEED + first, SEED + min(first + LOT, runs)) for first in range(0, runs, LOT)]


def _call(job: Callable[[], tuple[str, list]]) -> tuple[str, list]:
    return job()


def _faulty(robot: str, fault: str, seeds: range) -> tuple[str, list[tuple[np.ndarray, np.ndarray]]]:
    model = _model(robot)
    simulator = simulator_of(model.contract)
    return fault, [fault_errors(model, simulator.faulty(fault, seed), _seconds(model), seed) for seed in seeds]


def _exploring(robot: str, seeds: range) -> tuple[str, list[np.ndarray]]:
    model, runs = _model(robot), []
    for seed in seeds:
        watcher = Watcher(model, simulator_of(model.contract).anywhere(seed))
        runs.append(p_values(look for looks in explore(watcher, _seconds(model), seed) for look in looks))
    return "exploring", runs


def _planning(robot: str, seeds: range) -> tuple[str, list[np.ndarray]]:
    model, runs = _model(robot), []
    places = simulator_of(model.contract).places
    for seed in seeds:
        ((start, goal),) = places.pairs(1, seed)
        runs.append(p_values(run_trial(model, places, start, goal, seed)[1]))
    return "planning", runs


def _seconds(model: WorldModel) -> float:
    return RUN * model.contract.period


@lru_cache(maxsize=1)
def _model(robot: str) -> WorldModel:
    return WorldModel.from_pretrained(shipped(f"models/{robot}"))


def detection_figure(fault: str, runs: Sequence[tuple[np.ndarray, np.ndarray]], robot: str) -> Figure:
    def area(rows: np.ndarray) -> float:
        chosen = [runs[int(row)] for row in rows]
        return roc_auc(*(np.concatenate(errors) for errors in zip(*chosen)))

    everything = np.arange(len(runs))
    faulty = sum(len(errors) for _, errors in runs)
    how = (
        f"area under the ROC curve of a frame's surprise; {robot} exploring in {len(runs)} runs of {RUN} periods while "
        f"the fault {fault} comes and goes, {faulty} frames with it; interval by resampling whole runs"
    )
    return Figure(area(everything), "", *bootstrap(area, everything), len(runs), conditions(how))


def alarm_figures(found: FalseAlarms, robot: str) -> list[Figure]:
    """The ratio at each rate that was asked for."""
    columns = zip(found.rates, found.ratio, found.low, found.high)
    return [
        Figure(ratio, "×", low, high, found.frames, conditions(_alarms_counted(rate, found.driver, robot)))
        for rate, ratio, low, high in columns
    ]


def _alarms_counted(rate: float, driver: str, robot: str) -> str:
    return (
        f"share of normal frames with p ≤ {rate:g}, over that rate; {robot} {driver}, unseen; interval by resampling "
        "whole runs"
    )
