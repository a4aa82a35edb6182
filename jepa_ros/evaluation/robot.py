"""A robot in stepped time, looked at and driven as the nodes do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Contract, Motion, Observation
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.memory import Expectation, Memory, Sight, Trail
from jepa_ros.world_model import Past, Surprise, SurpriseMonitor, WorldModel


class Robot(Protocol):
    """What evaluation needs of a robot: it moves only while it is told to ``advance``, one period at a time."""

    contract: Contract

    @property
    def now_ns(self) -> int:
        """The time on the clock that images are stamped by."""

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what was seen meanwhile, one observation per image of the first camera."""

    def command_between(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean command (A,) between two times, None where there was none."""

    def motion(self, state: np.ndarray) -> Motion:
        """The commanded motion that is in force."""

    def act(self, action: np.ndarray, state: np.ndarray) -> None:
        """Send an action (A,), made legal from where the motion is."""

    def stop(self, state: np.ndarray) -> None:
        """Send the contract's safety command."""


@dataclass(frozen=True)
class Look:
    """One frame as the world model node perceives it: ``context`` is the newest latent and the past (1, K, N, D)."""

    observation: Observation
    context: Tensor
    surprise: Surprise | None

    @property
    def seconds(self) -> float:
        return self.observation.stamp_ns * 1e-9

    @property
    def sight(self) -> Sight:
        """What memory keeps of it."""
        picture = next(iter(self.observation.images.values()), None)
        return Sight(self.context[0, -1], self.observation.state, self.observation.stamp_ns, None, picture)


class Watcher:
    """Encodes every frame of one robot, compares it with what was predicted a period before, and may remember it."""

    def __init__(self, model: WorldModel, robot: Robot, memory: Memory | None = None):
        self.model, self.robot = model, robot
        self._trail = None if memory is None else Trail(memory, model)
        self._expectation = None if memory is None else Expectation(memory)
        self._past = Past(model)
        self._monitor = SurpriseMonitor(model, self._past)

    @torch.inference_mode()
    def advance(self) -> list[Look]:
        """Let one period pass and look all the while."""
        return [self._look(observation) for observation in self.robot.advance()]

    def _look(self, observation: Observation) -> Look:
        percept = self.model.perceive(observation)
        surprise = self._monitor.observe(observation.stamp_ns, percept, self.robot.command_between)
        look = Look(observation, self._past.context(), surprise)
        if self._trail is not None:
            self._remember(look.sight)
        return look

    def _remember(self, sight: Sight) -> None:
        self._expectation.note(self._trail.add(sight))
        self._expectation.go_on()


def explore(watcher: Watcher, seconds: float, seed: int = 0) -> Iterator[list[Look]]:
    """Drive a robot through random legal motion; yields the looks of every period."""
    robot = watcher.robot
    explorer = Explorer(robot.contract, seed)
    for _ in range(round(seconds / robot.contract.period)):
        looks = watcher.advance()
        if looks:
            state = looks[-1].observation.state
            robot.act(explorer.command(state, robot.motion(state).command), state)
        yield looks
