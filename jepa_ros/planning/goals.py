"""What a motion shall bring about, and how far it is from there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from jepa_ros.planning.told import told_states
from jepa_ros.world_model import WorldModel


class Goal(Protocol):
    """Something that can be far or near.

    ``whole`` is the latent (N, D) that is perceived there, None where that may be anything but for a part.
    """

    whole: Tensor | None

    def distance(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """How far latents (..., N, D), and the states (..., S) that go with them, are from the goal: (...).

        0.0 is there, 1.0 as far as two random states are apart. Whoever looks at the states calls ``state``, and only
        then are they worked out. Must be differentiable for gradient descent.
        """

    def miss(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """By how much they miss the goal: vectors (..., E) as long as the distance, or longer."""


class LatentGoal:
    """To perceive what a latent (N, D) stands for, or what some of its tokens do: all others may be anything."""

    def __init__(self, model: WorldModel, latent: Tensor, tokens: slice = slice(None)):
        # No gradient passes through a tensor that was born in inference mode; a copy made outside of it is like any.
        with torch.inference_mode(False):
            self.latent = latent[tokens].clone()
        self._model, self.tokens = model, tokens
        self._share = len(self.latent) / len(latent)
        self.whole = self.latent if self._share == 1 else None

    def distance(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """The model's distance; that of a part is scaled up to what all tokens would be if they were as far."""
        return self._model.distance(latent[..., self.tokens, :], self.latent) / self._share**0.5

    def miss(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """What lies between the latents and the goal."""
        return self._model.difference(latent[..., self.tokens, :], self.latent) / self._share**0.5


class StateGoal:
    """To measure certain values of some entries of the state; all others may be anything.

    Args:
        model: whose calibration says how widely each entry spreads.
        names: entries of the contract's state.
        values: one for each, in contract units.

    Raises:
        ValueError: nothing says how actions change an entry: it is no joint that they move, and latents don't tell it.
    """

    whole = None

    def __init__(self, model: WorldModel, names: Sequence[str], values: Sequence[float]):
        index = [model.contract.state_names.index(name) for name in names]
        _check_told(model, names)
        with torch.inference_mode(False):
            self.index = torch.tensor(index, device=model.device)
            self.values = torch.tensor(values, dtype=torch.float32, device=model.device)
            self.scale = model.state_scale[self.index].clone()

    def distance(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """The largest error of an entry, in standard deviations of that entry in the recordings.

        Two random states are about 1.0 apart in an entry. A tolerance of t is t times ``Calibration.state_scale``, in
        contract units.
        """
        return self.miss(latent, state).abs().amax(dim=-1)

    def miss(self, latent: Tensor, state: Callable[[], Tensor]) -> Tensor:
        """The errors of the entries, in standard deviations of each."""
        return (state()[..., self.index] - self.values) / self.scale


def _check_told(model: WorldModel, names: Sequence[str]) -> None:
    """Raise ValueError where an entry of the state can't be predicted."""
    told = told_states(model)
    for name in names:
        if name not in told:
            raise ValueError(f"latents of this model don't tell {name}; allowed: {', '.join(told) or 'none'}")


def as_goal(model: WorldModel, goal: Goal | Tensor) -> Goal:
    """A goal; a latent (N, D) by itself stands for the goal to perceive that."""
    return LatentGoal(model, goal) if isinstance(goal, Tensor) else goal
