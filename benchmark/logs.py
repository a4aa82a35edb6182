"""Logs of a stepped robot: simulated minutes of exploring become episodes at once, without the way through a bag."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jepa_ros.contract import Observation
from jepa_ros.data.episodes import Episode
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.evaluation.robot import Robot

STRETCH = 120.0  # s that are explored in one go; each begins somewhere else


def explored(anywhere: Callable[[int], Robot], minutes: float, seed: int = 0) -> list[Episode]:
    """Let robots explore, a stretch each; ``anywhere(seed)`` gives one at a random pose."""
    stretches = max(1, round(minutes * 60 / STRETCH))
    seconds = minutes * 60 / stretches
    return [explore(anywhere(seed + each), seconds, seed + each) for each in range(stretches)]


def explore(robot: Robot, seconds: float, seed: int) -> Episode:
    """What a bag of this exploration would hold, aligned, from the first command on."""
    explorer, period = Explorer(robot.contract, seed), robot.contract.period
    seen: list[Observation] = []
    actions: list[np.ndarray | None] = []
    stride = 0
    for _ in range(round(seconds / period)):
        for observation in robot.advance():
            seen.append(observation)
            stride = stride or _stride(seen, period)
            if stride and len(seen) > stride:
                actions.append(robot.command_between(seen[-1 - stride].stamp_ns, observation.stamp_ns))
        robot.act(explorer.command(seen[-1].state, robot.motion(seen[-1].state).command), seen[-1].state)
    first = sum(action is None for action in actions)
    return _episode(seen[first:], actions[first:], stride)


def _stride(seen: list[Observation], period: float) -> int:
    """Frames per contract period, as soon as two of them say it; 0 before."""
    return 0 if len(seen) < 2 else max(1, round(period * 1e9 / (seen[1].stamp_ns - seen[0].stamp_ns)))


def _episode(seen: list[Observation], actions: list[np.ndarray], stride: int) -> Episode:
    return Episode(
        images={key: np.stack([one.images[key] for one in seen]) for key in seen[0].images},
        state=np.stack([one.state for one in seen]).astype(np.float32),
        actions=np.stack(actions).astype(np.float32),
        stamps_ns=np.array([one.stamp_ns for one in seen]),
        stride=stride,
    )
