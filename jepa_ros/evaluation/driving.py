"""A robot in stepped time, driven step by step by whatever says what to do next, as the planner's node does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from jepa_ros.evaluation.robot import Look, Robot, Watcher
from jepa_ros.planning import Moment, Outcome, Present, Step, Undertaking, look_ahead

ANOMALOUS = 0.001  # p-values up to this count as surprise, as in the nodes by default


@dataclass(frozen=True)
class Journey:
    """How an undertaking ended, its steps, and everything that was seen on the way."""

    outcome: Outcome
    steps: list[Step]
    looks: list[Look]


def surprised(look: Look) -> bool:
    """Whether the world differs from prediction more than it normally does."""
    return look.surprise is not None and look.surprise.p_value <= ANOMALOUS


def drive(
    watcher: Watcher,
    begin: Callable[[float], Undertaking],
    anomalous: Callable[[Look], bool] = surprised,
    tell: Callable[[Step], None] = lambda step: None,
) -> Journey:
    """Lead a robot to the end of what ``begin(now)`` makes when the first image is there; to think takes no time."""
    model, robot = watcher.model, watcher.robot
    undertaking: Undertaking | None = None
    looks: list[Look] = []
    steps: list[Step] = []
    while not steps or steps[-1].outcome is None:
        looks += watcher.advance()
        if not looks:  # the first image is still on its way
            continue
        seen, now = looks[-1], robot.now_ns * 1e-9
        state = seen.observation.state
        undertaking = undertaking or begin(now)
        foreseen = look_ahead(model, seen.context, seen.observation.stamp_ns, robot.now_ns, robot.command_between)
        p_value = seen.surprise.p_value if seen.surprise else 1.0
        moment = Moment(now, seen.context, _present(robot, state), anomalous(seen), foreseen, p_value)
        steps.append(undertaking.step(moment))
        tell(steps[-1])
        if steps[-1].plan is not None:
            robot.act(steps[-1].plan.actions[0].cpu().numpy(), state)
        elif steps[-1].outcome is None:
            robot.stop(state)
    return Journey(steps[-1].outcome, steps, looks)


def _present(robot: Robot, state: np.ndarray) -> Present:
    command = robot.motion(state).command
    return Present(torch.as_tensor(command, dtype=torch.float32), torch.as_tensor(state, dtype=torch.float32))
