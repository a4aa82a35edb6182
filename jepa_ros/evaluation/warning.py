"""How long before failure is a developing fault noticed, by the world model and by control charts?

A warning is the first moment after a fault's onset at which a statistic rises above its threshold; the warning time is
what is left until failure then, 0 where no warning came. An alarm that stood already at the onset is a false one. Every
statistic gets the threshold at which the same share of normal runs would have raised an alarm, so that none wins by
crying wolf; fresh normal runs check that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from jepa_ros.data.episodes import Episode
from jepa_ros.evaluation.control_charts import control_charts
from jepa_ros.evaluation.operation import WARM_UP, Drive, Machines, Run, exploring, failing_run, normal_run
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.training.encoded import encode_episodes, one_step
from jepa_ros.world_model import DriftMonitor, WorldModel

ALARMED = 0.1  # share of normal runs of RUN seconds with a false alarm: one in ten hours or so
EXAMPLE_POINTS = 400

Statistic = Callable[[Episode], np.ndarray]
"""A recorded run of T periods → how unusual each moment is (T,)."""


@dataclass(frozen=True)
class Watched:
    """What one statistic made of all runs.

    ``threshold`` was set on normal runs, ``false_alarms`` of ``normal_runs`` fresh ones exceeded it; ``seconds`` are
    the warning times by fault.
    """

    name: str
    threshold: float
    false_alarms: int
    normal_runs: int
    seconds: dict[str, list[float]]

    def mean(self, fault: str) -> float:
        return float(np.mean(self.seconds[fault]))


@dataclass(frozen=True)
class Gain:
    """By how many seconds the model warns earlier than ``chart``, the best one, on average; with its 95 % interval."""

    chart: str
    seconds: float
    low: float
    high: float
    runs: int


@dataclass(frozen=True)
class Example:
    """One run: the model's statistic over time (s); ``alarm`` is None where none came before failure."""

    fault: str
    time: list[float]
    statistic: list[float]
    onset: float
    failure: float
    alarm: float | None


@dataclass(frozen=True)
class Warnings:
    """Warning times of one model beside those of all control charts, on the same runs."""

    model: Watched
    charts: list[Watched]
    examples: list[Example]

    @property
    def faults(self) -> list[str]:
        return list(self.model.seconds)

    def best_chart(self, fault: str) -> Watched:
        """The chart that warns of this fault earliest, on average."""
        return max(self.charts, key=lambda chart: chart.mean(fault))

    def gain(self, fault: str) -> Gain:
        """Over the best chart for this fault."""
        return _gain(self.best_chart(fault).name, self._gains(fault))

    def overall(self) -> Gain:
        """Over the best chart for each fault, as if one had known."""
        return _gain("the best for each fault", np.concatenate([self._gains(fault) for fault in self.faults]))

    def _gains(self, fault: str) -> np.ndarray:
        return np.subtract(self.model.seconds[fault], self.best_chart(fault).seconds[fault])


@dataclass(frozen=True)
class Runs:
    """Runs to set thresholds on, fresh normal ones to check them on, and failing ones by fault."""

    normal: Sequence[Run]
    fresh: Sequence[Run]
    failing: Mapping[str, Sequence[Run]]


def simulate_runs(
    machines: Machines,
    normal: int,
    failing: int,
    seed: int,
    drive: Callable[..., Drive] = exploring,
    done: Callable[[], None] = lambda: None,
) -> Runs:
    """Twice ``normal`` runs without a fault and ``failing`` runs with each; calls ``done`` after each."""
    seeds = iter(range(seed, seed + 2 * normal + failing * len(machines.faults)))

    def run(make: Callable[..., Run], *fault: str) -> Run:
        made = make(machines, *fault, next(seeds), drive)
        done()
        return made

    sound = [run(normal_run) for _ in range(2 * normal)]
    failed = {fault: [run(failing_run, fault) for _ in range(failing)] for fault in machines.faults}
    return Runs(sound[:normal], sound[normal:], failed)


def warnings(model: WorldModel, runs: Runs) -> Warnings:
    """Judge all runs by the model's drift and by control charts. Raises ValueError: it is not calibrated for that."""
    statistics = {"world model": drift_statistic(model), **_charts(runs.normal)}
    watched = [_watch(name, statistic, runs) for name, statistic in statistics.items()]
    examples = [
        _example(fault, failing[0], statistics["world model"], watched[0].threshold)
        for fault, failing in runs.failing.items()
    ]
    return Warnings(watched[0], watched[1:], examples)


def drift_statistic(model: WorldModel) -> Statistic:
    """The statistic that the model's drift monitor gives live. Raises ValueError: it is not calibrated for it."""
    scale = model.calibration.drift
    if scale is None:
        raise ValueError(f"{model.name} has no calibration of drift; train it on longer logs")

    @torch.inference_mode()
    def statistic(episode: Episode) -> np.ndarray:
        predicted, came = one_step(model, *encode_episodes(model, [episode]))
        monitor = DriftMonitor(scale, model.contract.period)
        first = len(episode) - len(predicted)
        errors = zip(episode.stamps_ns[first:].tolist(), predicted - came.future[:, 0])
        found = [monitor.observe(stamp, error).statistic for stamp, error in errors]
        return np.array(first * found[:1] + found)

    return statistic


def _charts(normal: Sequence[Run]) -> dict[str, Statistic]:
    charts = control_charts([run.episode.state[_periods(run, WARM_UP) :] for run in normal])
    return {name: lambda episode, chart=chart: chart(episode.state) for name, chart in charts.items()}


def _watch(name: str, statistic: Statistic, runs: Runs) -> Watched:
    highest, fresh = (
        np.array([statistic(run.episode)[_periods(run, WARM_UP) :].max() for run in part])
        for part in (runs.normal, runs.fresh)
    )
    threshold = float(np.quantile(highest, 1 - ALARMED, method="higher"))
    seconds = {
        fault: [_warning_time(run, statistic(run.episode), threshold) for run in failing]
        for fault, failing in runs.failing.items()
    }
    return Watched(name, threshold, int((fresh > threshold).sum()), len(fresh), seconds)


def _warning_time(run: Run, statistic: np.ndarray, threshold: float) -> float:
    alarm = _alarm(run, statistic, threshold)
    return 0.0 if alarm is None else run.failure - alarm


def _alarm(run: Run, statistic: np.ndarray, threshold: float) -> float | None:
    """When the statistic first rises above its threshold after the onset, in s after the run's beginning."""
    above = statistic > threshold
    rises = _seconds(run)[1:][above[1:] & ~above[:-1]]
    return next((float(rise) for rise in rises if rise >= run.onset), None)


def _example(fault: str, run: Run, statistic: Statistic, threshold: float) -> Example:
    values, seconds = statistic(run.episode), _seconds(run)
    shown = np.linspace(0, len(values) - 1, min(len(values), EXAMPLE_POINTS)).round().astype(int)
    time, points = seconds[shown].round(1).tolist(), values[shown].round(3).tolist()
    return Example(fault, time, points, run.onset, run.failure, _alarm(run, values, threshold))


def _seconds(run: Run) -> np.ndarray:
    """When each observation was made, in s after the run's beginning."""
    stamps = run.episode.stamps_ns
    return (stamps - stamps[0]) * 1e-9


def _periods(run: Run, seconds: float) -> int:
    """How many observations were made before."""
    return int(np.searchsorted(_seconds(run), seconds - 1e-6))


def _gain(chart: str, gains: np.ndarray) -> Gain:
    return Gain(chart, float(gains.mean()), *bootstrap(lambda rows: float(np.mean(rows)), gains), len(gains))
