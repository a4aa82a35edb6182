"""What a planner returns."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Plan:
    """Legal actions with the future they are predicted to bring.

    ``actions`` (H, A) in contract units, one for each period, ``prediction`` (H/k, N, D) the latent after each step of
    k of them, ``distances`` (H/k,) of those latents to the goal, ``start_distance`` of the present to the goal,
    ``cost`` as the search minimised it, ``iteration`` the number of refinements that led here.
    """

    actions: Tensor
    prediction: Tensor
    distances: Tensor
    start_distance: float
    cost: float
    iteration: int
