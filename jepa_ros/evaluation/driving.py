"""A robot in stepped time, driven step by step by whatever says what to do next, as the planner's node does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from jepa_ros.evaluation.robot import Look, Robot, Watcher
from jepa_ros.planning import Moment, Outcome, Present, Step, Undertaking, delay, look_ahead

ANOMALOUS = 0.001  # p-values up to this count as surprise, as in the nodes by default


@dataclass(frozen=True)
class Journey:
    """How an undertaking ended, its steps, and everything that was seen on the way."""

    outcome: Outcome
    steps: list[Step]
    looks: list[Look]


Verdict = Callable[[Look], "bool | None"]
"""Says whether a frame is a surprise; None where it can't be told."""


def surprised(look: Look) -> bool | None:
    """Whether the world differs from prediction more than it normally does; None where nothing was predicted."""
    return None if look.surprise is None else look.surprise.p_value <= ANOMALOUS


def drive(
    watcher: Watcher,
    begin: Callable[[float], Undertaking],
    anomalous: Verdict = surprised,
    tell: Callable[[Step], None] = lambda step: None,
) -> Journey:
    """Lead a robot to the end of what ``begin(now)`` makes when the first image is there; to think takes no time."""
    model, robot = watcher.model, watcher.robot
    undertaking: Undertaking | None = None
    looks: list[Look] = []
    steps: list[Step] = []
    while not steps or steps[-1].outcome is None:
        new = watcher.advance()
        looks += new
        if not looks:  # the first image is still on its way
            continue
        seen, now = looks[-1], robot.now_ns * 1e-9
        state = seen.observation.state
        undertaking = undertaking or begin(now)
        seen_ns = seen.observation.stamp_ns
        foreseen = look_ahead(model, seen.context, seen_ns, robot.now_ns, robot.command_between)
        verdict, p_value = _newest_verdict(new, anomalous)
        late = delay(seen_ns, robot.now_ns)
        moment = Moment(now, seen.context, _present(robot, state), verdict, foreseen, p_value, late)
        steps.append(undertaking.step(moment))
        tell(steps[-1])
        if steps[-1].plan is not None:
            robot.act(steps[-1].plan.actions[0].cpu().numpy(), state)
        elif steps[-1].outcome is None:
            robot.stop(state)
    return Journey(steps[-1].outcome, steps, looks)


def _newest_verdict(looks: list[Look], anomalous: Verdict) -> tuple[bool | None, float]:
    """What was said last in a period, and the p-value; None and 1.0 where nothing was."""
    for look in reversed(looks):
        verdict = anomalous(look)
        if verdict is not None:
            return verdict, look.surprise.p_value if look.surprise else 1.0
    return None, 1.0


def _present(robot: Robot, state: np.ndarray) -> Present:
    command = robot.motion(state).command
    return Present(torch.as_tensor(command, dtype=torch.float32), torch.as_tensor(state, dtype=torch.float32))
