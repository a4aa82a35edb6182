"""What a robot would see if it did something, from where it is or from where it remembers to have been."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Limits, period_means
from jepa_ros.world_model import WorldModel


def foreseen(
    model: WorldModel, limits: Limits, context: Tensor, wanted: np.ndarray, command: np.ndarray, state: np.ndarray
) -> tuple[Tensor, Tensor]:
    """The legal actions (B, H, A) nearest to those wanted (B, H, A), and the latents (B, T, N, D) that follow.

    Each begins in a context (B, K, N, D), see the model's, and in a state (B, S) or (S,), with a ``command`` (A,) in
    force.
    """
    actions = torch.from_numpy(limits.project(wanted, command, state)).to(context)
    ramped = torch.tensor(model.contract.ramped, device=actions.device)
    return actions, model.predict(context, period_means(ramped, actions, actions.new_tensor(command)))
