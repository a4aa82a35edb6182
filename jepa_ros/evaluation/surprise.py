"""Does surprise tell faults from normal operation, and does it keep to the false alarms that were asked for?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from jepa_ros.evaluation.robot import Look, Robot, Watcher, explore
from jepa_ros.evaluation.statistics import bootstrap, roc_auc, roc_curve
from jepa_ros.training.encoded import EncodedEpisode, one_step
from jepa_ros.world_model import Percept, WorldModel, departure

RATES = (0.001, 0.01, 0.1)
RUN = 300  # periods of normal operation that count as one run
CURVE_POINTS = 200


class Fault(Protocol):
    """What evaluation asks of a fault."""

    momentary: bool
    rhythm: tuple[float, float, float]
    """How long (s) a robot is sound, failing and recovering, in turn, for the fault to show."""

    def shows(self, command: np.ndarray) -> bool:
        """Whether a robot that is given this command (A,) behaves otherwise than a sound one."""


class FaultyRobot(Robot, Protocol):
    """A robot whose fault begins and ends on demand."""

    fault: Fault

    def fail(self) -> None: ...

    def mend(self) -> None: ...


@dataclass(frozen=True)
class FaultDetection:
    """How well the prediction error of a frame tells a fault from the normal operation around it."""

    fault: str
    auc: float
    faulty_frames: int
    normal_frames: int
    false_rate: list[float]
    true_rate: list[float]


@dataclass(frozen=True)
class FalseAlarms:
    """Share of normal frames whose p-value does not exceed a rate, over that rate: 1.0 is what was asked for.

    ``low`` and ``high`` bound the 95 % interval, by resampling whole runs.
    """

    driver: str
    frames: int
    rates: list[float]
    ratio: list[float]
    low: list[float]
    high: list[float]


def detect_fault(model: WorldModel, name: str, robot: FaultyRobot, seconds: float, seed: int = 0) -> FaultDetection:
    """Let a robot explore while a fault comes and goes, and compare the errors of faulty and sound frames."""
    normal, faulty = fault_errors(model, robot, seconds, seed)
    curve = _thinned(*roc_curve(normal, faulty))
    return FaultDetection(name, roc_auc(normal, faulty), len(faulty), len(normal), *curve)


def fault_errors(model: WorldModel, robot: FaultyRobot, seconds: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The errors (K,) of sound frames and (L,) of faulty ones, of a robot that explores while its fault comes and goes.

    A frame is faulty where the fault is in force (for a momentary one: began at most a period before) and the command
    was one that lets it show. Frames right after the mending count for neither.
    """
    watcher, ticks = Watcher(model, robot), _Ticks.of(robot)
    normal, faulty = [], []
    for tick, looks in enumerate(explore(watcher, seconds, seed)):
        phase = tick % ticks.cycle
        compared = [look for look in looks if look.surprise is not None]
        if phase < ticks.begin:
            normal += [look.surprise.error for look in compared]
        elif phase < ticks.over:
            faulty += [look.surprise.error for look in compared if _shows(robot, look)]
        if phase == ticks.begin - 1:
            robot.fail()
        elif phase == ticks.end - 1:
            robot.mend()
    return np.array(normal), np.array(faulty)


def p_values(looks: Iterable[Look]) -> np.ndarray:
    """The p-values of all looks that could be compared with a prediction."""
    return np.array([look.surprise.p_value for look in looks if look.surprise is not None])


def recorded_p_values(model: WorldModel, episodes: Sequence[EncodedEpisode]) -> list[np.ndarray]:
    """What a monitor would have said of recorded frames: an array for every RUN periods or so."""
    runs = []
    for episode in episodes:
        predicted, came = one_step(model, episode)
        percept = Percept(came.future[:, 0], came.goals[:, 0], came.feelings[:, 0])
        errors = departure(model, predicted, percept).tolist()
        values = np.array([model.calibration.p_value(error) for error in errors])
        runs += np.array_split(values, max(1, round(len(values) / episode.stride / RUN)))
    return runs


def false_alarms(driver: str, runs: Sequence[np.ndarray], rates: Sequence[float] = RATES) -> FalseAlarms:
    """Count false alarms among the p-values of normal runs. Raises ValueError where there are none."""
    runs = [run for run in runs if len(run)]
    if not runs:
        raise ValueError("no frame could be compared with a prediction; were there commands, and observations in time?")
    frames = [len(run) for run in runs]
    rows = []
    for rate in rates:

        def ratio(alarms: np.ndarray, totals: np.ndarray, rate: float = rate) -> float:
            return float(np.sum(alarms) / np.sum(totals) / rate)

        alarms = [int((run <= rate).sum()) for run in runs]
        rows.append((ratio(alarms, frames), *bootstrap(ratio, alarms, frames)))
    return FalseAlarms(driver, sum(frames), list(rates), *(list(column) for column in zip(*rows)))


@dataclass(frozen=True)
class _Ticks:
    """Periods of a cycle until the fault begins, until its frames have passed, until it ends, and in all."""

    begin: int
    over: int
    end: int
    cycle: int

    @classmethod
    def of(cls, robot: FaultyRobot) -> _Ticks:
        begin, failing, recovering = (round(s / robot.contract.period) for s in robot.fault.rhythm)
        lasting = 1 if robot.fault.momentary else failing
        return cls(begin, begin + lasting, begin + failing, begin + failing + recovering)


def _shows(robot: FaultyRobot, look: Look) -> bool:
    end = look.observation.stamp_ns
    command = robot.command_between(end - round(robot.contract.period * 1e9), end)
    return command is not None and robot.fault.shows(command)


def _thinned(false_rate: np.ndarray, true_rate: np.ndarray) -> tuple[list[float], list[float]]:
    """At most CURVE_POINTS corners of a curve, with its ends, closer where false alarms are rare."""
    places = np.linspace(0, 1, CURVE_POINTS) ** 2 * (len(false_rate) - 1)
    kept = np.unique(places.round().astype(int))
    return np.round(false_rate[kept], 5).tolist(), np.round(true_rate[kept], 5).tolist()
