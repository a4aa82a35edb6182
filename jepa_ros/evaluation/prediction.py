"""How far predictions are from what came, over growing horizons, beside two baselines that know less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.evaluation.latents import EncodedEpisode, draw_rollouts, steps
from jepa_ros.world_model import WorldModel

HORIZON = 16  # periods
ROLLOUTS = 2000


@dataclass(frozen=True)
class ErrorCurve:
    """Errors in the model's distance after 1 … H periods: their median, and the band that holds 80 % of them."""

    median: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True)
class PredictionQuality:
    """Open-loop prediction on unseen data: of the model, of "nothing changes", and of a linear model."""

    period: float
    model: ErrorCurve
    unchanged: ErrorCurve
    linear: ErrorCurve


class LinearDynamics:
    """The best affine map from a latent and an action to the next latent: least squares over one period."""

    def __init__(self, episodes: Sequence[EncodedEpisode]):
        before, actions, after = steps(episodes)
        rows = _rows(before.flatten(1), actions)
        self.weights = torch.linalg.lstsq(rows.double(), after.flatten(1).double(), driver="gelsd").solution

    def predict(self, latent: Tensor, actions: Tensor) -> Tensor:
        """The latents after each action: (B, N, D) and (B, H, A) → (B, H, N, D)."""
        now, future = latent.flatten(1).double(), []
        for step in range(actions.shape[1]):
            now = _rows(now, actions[:, step]) @ self.weights
            future.append(now)
        return torch.stack(future, dim=1).unflatten(2, latent.shape[1:]).float()


@torch.inference_mode()
def prediction_quality(
    model: WorldModel, fit: Sequence[EncodedEpisode], test: Sequence[EncodedEpisode], seed: int = 0
) -> PredictionQuality:
    """Predict stretches of the test episodes from their first frame and their actions.

    The linear model is fitted on the other episodes. Raises ValueError where no test episode is long enough.
    """
    rollouts = draw_rollouts(test, HORIZON, ROLLOUTS, seed)

    def curve(predicted: Tensor) -> ErrorCurve:
        errors = model.distance(predicted.to(model.device), rollouts.future.to(model.device))
        quantiles = torch.quantile(errors.cpu(), torch.tensor([0.5, 0.1, 0.9]), dim=0)
        return ErrorCurve(*quantiles.tolist())

    return PredictionQuality(
        period=model.contract.period,
        model=curve(model.predict(rollouts.start.to(model.device), rollouts.actions.to(model.device))),
        unchanged=curve(rollouts.start.unsqueeze(1).expand_as(rollouts.future)),
        linear=curve(LinearDynamics(fit).predict(rollouts.start, rollouts.actions)),
    )


def _rows(latents: Tensor, actions: Tensor) -> Tensor:
    return torch.cat([latents, actions.to(latents.dtype), latents.new_ones(len(latents), 1)], dim=-1)
