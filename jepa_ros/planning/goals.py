"""What a motion shall bring about, and how far it is from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from jepa_ros.world_model import WorldModel


class Goal(Protocol):
    """Something that can be far or near."""

    def distance(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """How far latents (..., N, D) and the states (..., S) that go with them are from the goal: (...).

        Nothing in between: 0.0 there, 1.0 as far as two random states are apart. ``state`` is worked out only if it is
        called. Differentiable.
        """


class LatentGoal:
    """To perceive what a latent (N, D) stands for."""

    def __init__(self, model: WorldModel, latent: Tensor):
        # No gradient passes through a tensor that was born in inference mode; a copy made outside of it is like any.
        with torch.inference_mode(False):
            self.latent = latent.clone()
        self._model = model

    def distance(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        return self._model.distance(latent, self.latent)


class StateGoal:
    """To measure certain values of some entries of the state; all others may be anything.

    Args:
        model: whose calibration says how widely each entry spreads.
        names: entries of the contract's state.
        values: one for each, in contract units.
    """

    def __init__(self, model: WorldModel, names: Sequence[str], values: Sequence[float]):
        index = [model.contract.state_names.index(name) for name in names]
        with torch.inference_mode(False):
            self.index = torch.tensor(index, device=model.device)
            self.values = torch.tensor(values, dtype=torch.float32, device=model.device)
            self.scale = model.state_scale[self.index].clone()

    def distance(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """The largest error of an entry, in the entry's standard deviations in the recordings."""
        return ((state()[..., self.index] - self.values) / self.scale).abs().amax(dim=-1)


def as_goal(model: WorldModel, goal: Goal | Tensor) -> Goal:
    """A goal; a latent (N, D) by itself stands for the goal to perceive that."""
    return LatentGoal(model, goal) if isinstance(goal, Tensor) else goal
