"""What tells, while a model trains, whether it learns what it should."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.losses import Sequences


@dataclass(frozen=True)
class Progress:
    """Where training stands.

    ``step`` of ``steps`` is done; ``terms`` are the loss terms, unweighted; ``loss`` is their weighted sum. See
    ``effective_rank`` and ``action_sensitivity`` below; ``spread`` is the mean standard deviation of the latents'
    components. ``data_wait`` is the share of the time so far that training waited for batches.
    """

    step: int
    steps: int
    terms: dict[str, float]
    loss: float
    effective_rank: float
    spread: float
    action_sensitivity: float
    data_wait: float
    seconds_left: float

    def figures(self) -> dict[str, float]:
        """All numbers by the names of their curves."""
        terms = {f"loss/{name}": value for name, value in self.terms.items()}
        names = ("effective_rank", "spread", "action_sensitivity")
        latents = {f"latents/{name}": getattr(self, name) for name in names}
        return {"loss": self.loss, **terms, **latents, "data_wait": self.data_wait}


def effective_rank(covariance: Tensor) -> float:
    """How many directions latents with this covariance (D, D) really use; NaN where it holds what is no number.

    The exponential of the entropy of their singular values. Source: Roy and Vetterli, "The effective rank: a measure of
    effective dimensionality", 2007.
    """
    if not covariance.isfinite().all():
        return math.nan
    values = torch.linalg.eigvalsh(covariance.double()).clamp(min=0).sqrt()
    shares = values / values.sum().clamp(min=1e-30)
    return float(torch.exp(torch.special.entr(shares).sum()))


def action_sensitivity(batch: Sequences, idle: Sequences, group: Group = ALONE) -> float:
    """How much the prediction changes with the action, against how much the latents change at all.

    The root mean square distance between what is predicted under the recorded actions and under none (``idle``: the
    same windows with actions of zero), over that between the latent that a rollout begins with and those that came to
    be. At 0 the predictor ignores actions; towards 1 all motion is predicted from them.
    """
    steps = batch.predicted.shape[1]
    moved = batch.target[:, -steps:] - batch.context[:, -steps - 1, None]
    squares = torch.stack([(batch.predicted - idle.predicted).pow(2).mean(), moved.pow(2).mean()])
    changed, all_change = group.mean(squares).tolist()
    return (changed / max(all_change, 1e-30)) ** 0.5
