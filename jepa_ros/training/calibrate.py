"""Measure, on validation episodes, what a trained model's numbers mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.training.windows import Windows, WindowSampler
from jepa_ros.world_model import Calibration, WorldModel

PAIRS = 20_000  # random pairs of states behind the distance scale
QUANTILES = 1000  # order statistics of normal prediction errors that the calibration keeps
LARGE = 0.99  # quantile at which errors of sight alone are made to count as much as those of all senses
BATCH = 512


@dataclass(frozen=True)
class Encoded:
    """Latents of K pairs of frames one period apart, flat: (K, D) each.

    ``before`` and ``after`` are of full observations; ``goal`` is of the later images alone, as a goal image is
    encoded; ``predicted`` is what the model expected of ``after``.
    """

    before: Tensor
    after: Tensor
    goal: Tensor
    predicted: Tensor


@torch.inference_mode()
def calibrate(model: WorldModel, episodes: Sequence[Episode], seed: int = 0) -> Calibration:
    """The model's calibration with distance scale, tolerance and surprise errors as found in these episodes.

    The scale is the median distance between random states and random goals. The tolerance is the median distance over
    one period of motion: nearer than one command carries the robot, a goal counts as reached.
    """
    encoded = encode(model, episodes)
    random = np.random.default_rng(seed)
    first, second = (torch.from_numpy(random.integers(0, len(encoded.after), PAIRS)) for _ in range(2))
    scale = _norms(encoded.after[first] - encoded.goal[second]).median().item()
    weight, errors = _surprise(encoded, scale)
    return model.calibration.model_copy(
        update={
            "distance_scale": scale,
            "tolerance": _norms(encoded.before - encoded.goal).median().item() / scale,
            "sight_weight": weight,
            "surprise_errors": tuple(float(f"{error:.6g}") for error in order_statistics(errors)),
        }
    )


def encode(model: WorldModel, episodes: Sequence[Episode]) -> Encoded:
    """Encode all pairs of frames one period apart that the episodes hold."""
    sampler = WindowSampler(episodes, 2, model.device)
    parts = [
        _encode_pairs(model, sampler.take(np.arange(begin, min(begin + BATCH, len(sampler)))))
        for begin in range(0, len(sampler), BATCH)
    ]
    return Encoded(*(torch.cat(column) for column in zip(*parts)))


def _encode_pairs(model: WorldModel, windows: Windows) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    state = model.normalise_state(windows.state)
    earlier, later = ({camera: image[:, t] for camera, image in windows.images.items()} for t in (0, 1))
    before, percept = model.encoder(earlier, state[:, 0]), model.encoder.perceive(later, state[:, 1])
    after = percept.latent
    goal = after if percept.sight is None else percept.sight
    predicted = model.predict(before, windows.actions)[:, 0]
    return before.flatten(1), after.flatten(1), goal.flatten(1), predicted.flatten(1)


def _surprise(encoded: Encoded, scale: float) -> tuple[float, np.ndarray]:
    """The weight of sight alone, and the normal errors, ascending: what ``departure`` gives with that weight.

    Weighed so that both senses' errors are alike where they are large, since surprise is about the largest.
    """
    came = encoded.after, encoded.goal
    whole, sight = ((_norms(encoded.predicted - latents) / scale).cpu().numpy() for latents in came)
    weight = float(np.quantile(whole, LARGE) / max(np.quantile(sight, LARGE), 1e-12))
    return weight, np.sort(np.maximum(whole, weight * sight))


def _norms(latents: Tensor) -> Tensor:
    return torch.linalg.vector_norm(latents, dim=-1)


def order_statistics(errors: np.ndarray) -> np.ndarray:
    """At most QUANTILES of the sorted errors, always with the largest."""
    if len(errors) <= QUANTILES:
        return errors
    return errors[np.linspace(0, len(errors) - 1, QUANTILES).round().astype(int)]
