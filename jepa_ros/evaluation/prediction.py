"""How far predictions are from what came, over growing horizons, beside two baselines that know less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from jepa_ros.evaluation.latents import all_steps, draw_stretches, whole_steps
from jepa_ros.training.encoded import EncodedEpisode
from jepa_ros.world_model import Architecture, WorldModel

HORIZON = 16  # periods
ROLLOUTS = 2000


@dataclass(frozen=True)
class ErrorCurve:
    """Errors in the model's distance after each of its steps: their median, and the band that holds 80 % of them."""

    median: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True)
class PredictionQuality:
    """Open-loop prediction on unseen data: of the model, of "nothing changes", and of a linear model.

    A step of the model is ``block`` contract periods of so many seconds.
    """

    period: float
    model: ErrorCurve
    unchanged: ErrorCurve
    linear: ErrorCurve
    block: int = 1


class LinearDynamics:
    """The best affine map from a latent and a step's k actions to the next latent, by least squares."""

    def __init__(self, episodes: Sequence[EncodedEpisode], architecture: Architecture):
        steps, self.block = all_steps(episodes, architecture), architecture.action_block
        rows = _rows(steps.context[:, -1].flatten(1), steps.actions.flatten(1))
        self.weights = torch.linalg.lstsq(rows.double(), steps.future.flatten(1).double(), driver="gelsd").solution

    def predict(self, latent: Tensor, actions: Tensor) -> Tensor:
        """The latents after each step: (B, N, D) and (B, H, A) → (B, H/k, N, D)."""
        now, future = latent.flatten(1).double(), []
        for step in actions.unflatten(1, (-1, self.block)).flatten(2).unbind(1):
            now = _rows(now, step) @ self.weights
            future.append(now)
        return torch.stack(future, dim=1).unflatten(2, latent.shape[1:]).float()


@torch.inference_mode()
def prediction_quality(
    model: WorldModel, fit: Sequence[EncodedEpisode], test: Sequence[EncodedEpisode], seed: int = 0
) -> PredictionQuality:
    """Predict stretches of the test episodes from what came before them and their actions.

    The linear model is fitted on the other episodes. Raises ValueError where no test episode is long enough.
    """
    architecture = model.architecture
    found = draw_stretches(test, architecture, whole_steps(architecture, HORIZON), ROLLOUTS, seed)
    start = found.context[:, -1]

    def curve(predicted: Tensor) -> ErrorCurve:
        errors = model.distance(predicted.to(model.device), found.future.to(model.device))
        quantiles = torch.quantile(errors.cpu(), torch.tensor([0.5, 0.1, 0.9]), dim=0)
        return ErrorCurve(*quantiles.tolist())

    return PredictionQuality(
        period=model.contract.period,
        model=curve(model.predict(found.context.to(model.device), found.actions.to(model.device))),
        unchanged=curve(start.unsqueeze(1).expand_as(found.future)),
        linear=curve(LinearDynamics(fit, architecture).predict(start, found.actions)),
        block=architecture.action_block,
    )


def _rows(latents: Tensor, actions: Tensor) -> Tensor:
    return torch.cat([latents, actions.to(latents.dtype), latents.new_ones(len(latents), 1)], dim=-1)
