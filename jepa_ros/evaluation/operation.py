"""Runs of a machine in operation: normal ones, and ones in which a fault develops until the machine has failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.episodes import Episode
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.evaluation.robot import Robot

WARM_UP = 600.0  # s at the beginning of each run that count for nothing
RUN = 3600.0  # s of normal operation after that
ONSET = (300.0, 900.0)  # s after warming up, between which a fault begins
DEVELOPMENT = (300.0, 1200.0)  # s between which it takes to failure

Drive = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Gives the next action (A,) for a state (S,) and the command in force (A,)."""


class Machine(Robot, Protocol):
    """A robot without a camera in which faults develop."""

    def develop(self, fault: str, seconds: float) -> None:
        """Let a fault begin now that leads to failure so many seconds from now."""


class Machines(Protocol):
    """Makes machines in normal operation; the same seed makes the same one."""

    contract: Contract
    faults: tuple[str, ...]

    def sound(self, seed: int) -> Machine: ...


@dataclass(frozen=True)
class Run:
    """What was recorded of a run; ``onset`` and ``failure`` in s after its beginning, None where nothing went wrong."""

    episode: Episode
    onset: float | None = None
    failure: float | None = None


def exploring(contract: Contract, seed: int) -> Drive:
    """Inputs as in the logs that a model learns from."""
    return Explorer(contract, seed).command


def steady(contract: Contract, seed: int) -> Drive:
    """Inputs that stay in the middle of their ranges."""
    middle = (contract.limits.low + contract.limits.high) / 2
    return lambda state, command: middle


def normal_run(machines: Machines, seed: int, drive: Callable[[Contract, int], Drive] = exploring) -> Run:
    """A run of WARM_UP and RUN seconds without a fault."""
    machine = machines.sound(seed)
    return Run(_operate(machine, drive(machine.contract, seed), WARM_UP + RUN))


def failing_run(machines: Machines, fault: str, seed: int, drive: Callable[[Contract, int], Drive] = exploring) -> Run:
    """A run in which a fault begins at a random moment and takes a random time to failure, where the run ends."""
    machine, random = machines.sound(seed), np.random.default_rng(seed)
    onset, duration = round(WARM_UP + random.uniform(*ONSET)), random.uniform(*DEVELOPMENT)
    begins = {round(onset / machine.contract.period): lambda: machine.develop(fault, duration)}
    episode = _operate(machine, drive(machine.contract, seed), onset + duration, begins)
    return Run(episode, onset, onset + duration)


def _operate(
    machine: Machine, drive: Drive, seconds: float, events: dict[int, Callable[[], None]] | None = None
) -> Episode:
    """Drive a machine for so long; ``events`` happen at the beginning of a period."""
    states, actions, stamps = [], [], []
    _drive(machine, drive, machine.advance()[-1].state)
    for tick in range(round(seconds / machine.contract.period)):
        if events and tick in events:
            events[tick]()
        seen = machine.advance()[-1]
        states.append(seen.state)
        stamps.append(seen.stamp_ns)
        if tick:
            actions.append(machine.command_between(*stamps[-2:]))
        _drive(machine, drive, seen.state)
    return Episode({}, np.array(states), np.array(actions, np.float32), np.array(stamps), stride=1)


def _drive(machine: Machine, drive: Drive, state: np.ndarray) -> None:
    machine.act(drive(state, machine.motion(state).command), state)
