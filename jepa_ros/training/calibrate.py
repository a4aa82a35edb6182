"""Measure, on validation episodes, what a trained model's numbers mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.training.encoded import EncodedEpisode, encode_episodes, one_step
from jepa_ros.world_model import Calibration, WorldModel

PAIRS = 20_000  # random pairs of states behind the distance scale
QUANTILES = 10_000  # order statistics that a calibration keeps; p-values of 0.001 hang on a thousandth of them
LARGE = 0.9  # quantile of prediction errors as much as which the largest disagreement of the senses counts


@torch.inference_mode()
def calibrate(model: WorldModel, episodes: Sequence[Episode], seed: int = 0) -> Calibration:
    """The model's calibration with distance scale, tolerance and surprise errors as found in these episodes.

    The scale is the median distance between random states and random goals. The tolerance is the median distance over
    one contract period of motion: nearer than one command carries the robot, a goal counts as reached. Raises
    ValueError where no episode is long enough for one prediction.
    """
    encoded = encode_episodes(model, episodes)
    scale = _scale(encoded, seed)
    weight, errors = _surprise(model, encoded, scale)
    return model.calibration.model_copy(
        update={
            "distance_scale": scale,
            "tolerance": _motion(encoded) / scale,
            "agreement_weight": weight,
            "surprise_errors": tuple(float(f"{error:.6g}") for error in order_statistics(errors)),
        }
    )


def _scale(encoded: Sequence[EncodedEpisode], seed: int) -> float:
    """The median norm between random states and random goals."""
    latents, goals = (torch.cat([getattr(e, part)[e.stride :] for e in encoded]) for part in ("latents", "goals"))
    random = np.random.default_rng(seed)
    first, second = (torch.from_numpy(random.integers(0, len(latents), PAIRS)) for _ in range(2))
    return _norms(latents[first] - goals[second]).median().item()


def _motion(encoded: Sequence[EncodedEpisode]) -> float:
    """The median norm between states and the goal images of one period later."""
    return torch.cat([_norms(e.latents[: -e.stride] - e.goals[e.stride :]) for e in encoded]).median().item()


def _surprise(model: WorldModel, encoded: Sequence[EncodedEpisode], scale: float) -> tuple[float, np.ndarray]:
    """The weight of the senses' agreement, and the normal errors, ascending: what ``departure`` gives with that weight.

    Weighed so that senses that disagree as they do in normal operation seldom are what counts.
    """
    predictions = [one_step(model, episode) for episode in encoded]
    if not sum(len(predicted) for predicted, _ in predictions):
        raise ValueError("no held-out episode is long enough for one prediction; record for longer, or look for gaps")
    pairs = [
        (_norms(predicted - came.future[:, 0]), _norms(came.goals[:, 0] - came.feelings[:, 0]))
        for predicted, came in predictions
    ]
    errors, disagreements = (torch.cat(column).numpy() / scale for column in zip(*pairs))
    largest = float(disagreements.max())
    weight = float(np.quantile(errors, LARGE)) / largest if largest > 0 else 0.0
    return weight, np.sort(np.maximum(errors, weight * disagreements))


def _norms(latents: Tensor) -> Tensor:
    return torch.linalg.vector_norm(latents, dim=(-2, -1))


def order_statistics(errors: np.ndarray) -> np.ndarray:
    """At most QUANTILES of the sorted errors, always with the largest."""
    if len(errors) <= QUANTILES:
        return errors
    return errors[np.linspace(0, len(errors) - 1, QUANTILES).round().astype(int)]
