"""What is predicted to come of actions: all that a cost may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from jepa_ros.contract import Limits, period_means


@dataclass(frozen=True)
class Present:
    """How the robot moves when a plan begins: the command in force (A,) and the state (S,), in contract units."""

    command: Tensor
    state: Tensor


@dataclass(frozen=True)
class Rollout:
    """Candidates and what they lead to.

    ``actions`` (B, H, A) in contract units, one for each period, ``prediction`` (B, H/k, N, D) the latent after each
    step of k of them, ``distances`` (B, H/k) of those to the goal, ``present`` where they begin, ``unit`` (A,) half of
    each action's range, in which costs compare actions of different kinds, ``forecast`` from actions to ``states``,
    ``judge`` from predictions to their ``strangeness``.
    """

    actions: Tensor
    prediction: Tensor
    distances: Tensor
    present: Present
    unit: Tensor
    forecast: Callable[[Tensor], Tensor] = field(repr=False)
    judge: Callable[[Tensor], Tensor] = field(repr=False)

    @cached_property
    def states(self) -> Tensor:
        """The state (B, H, S) after each action, in contract units. Worked out when a cost asks for it.

        Follows from the commands where the contract says which state each moves, is read from the predicted latents
        elsewhere.
        """
        return self.forecast(self.actions)

    @cached_property
    def strangeness(self) -> Tensor:
        """How far each predicted latent is from all that is ever perceived (B, H/k): a distance; see WorldModel.

        Worked out when a cost asks for it.
        """
        return self.judge(self.prediction)


def follow(kind: str, limits: Limits, actions: Tensor, present: Present) -> Tensor:
    """The states (B, H, S) that commands (B, H, A) of a kind lead through as far as they tell; NaN elsewhere.

    A commanded position is where a joint will be; a velocity is integrated into the state that it moves. Nothing is in
    the way here: see ``Problem.states``.
    """
    moving = [action for action, index in enumerate(limits.position_index) if index >= 0]
    index = torch.tensor(limits.position_index[moving].tolist(), dtype=torch.long, device=actions.device)
    commands = actions[..., moving]
    reached = commands if kind == "joint_position" else present.state[index] + _way(limits, moving, commands, present)
    unknown = torch.full((*actions.shape[:2], len(present.state)), torch.nan, device=actions.device)
    return unknown.index_copy(-1, index, reached)


def _way(limits: Limits, moving: list[int], velocities: Tensor, present: Present) -> Tensor:
    """How far velocities (B, H, M) have led by the end of each period: at constant acceleration, or stepped."""
    ramped = torch.tensor(~limits.stepped[moving], device=velocities.device)
    return limits.period * period_means(ramped, velocities, present.command[moving]).cumsum(dim=1)
