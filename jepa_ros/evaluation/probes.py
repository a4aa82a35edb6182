"""What latents know of the state, how many directions they use, and how they lie in a plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.training.encoded import EncodedEpisode
from jepa_ros.training.measures import effective_rank

RIDGE = 1e-4  # share of the latents' mean variance
POINTS = 1500  # that are kept for pictures


@dataclass(frozen=True)
class Probe:
    """A linear map from latents to one value of the state, fitted on one part of the data and judged on another.

    ``rmse`` in the value's unit; ``r2`` is the share of the value's variance that it explains. ``true`` and ``read``
    are some of the test frames, for a picture.
    """

    name: str
    sense: str
    r2: float
    rmse: float
    true: list[float]
    read: list[float]


@dataclass(frozen=True)
class LatentMap:
    """Some latents in the plane of their two main directions, ``share`` of the variance; state (K, S) for colours."""

    share: float
    x: list[float]
    y: list[float]
    names: list[str]
    state: list[list[float]]


@dataclass(frozen=True)
class LatentQuality:
    """What probes read from images alone and from full observations, and how latents are spread."""

    probes: list[Probe]
    effective_rank: float
    size: int
    plane: LatentMap


def latent_quality(
    fit: Sequence[EncodedEpisode], test: Sequence[EncodedEpisode], names: Sequence[str], cameras: bool
) -> LatentQuality:
    """Probe the test episodes for every value of the state (``names``), with maps from the other episodes."""
    senses = {"images alone": "goals", "images and state": "latents"} if cameras else {"state": "latents"}
    probes = [probe for sense, part in senses.items() for probe in _probe(fit, test, names, sense, part)]
    latents = _stack(test, "latents")
    return LatentQuality(probes, effective_rank(latents.T.cov()), latents.shape[1], _plane([*fit, *test], names))


def linear_map(inputs: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
    """Ridge regression (K, D) → (K, S): weights (D, S) and offset (S,)."""
    centre, middle = inputs.mean(0), outputs.mean(0)
    x = inputs - centre
    covariance = x.T @ x / len(x)
    covariance += RIDGE * covariance.diagonal().mean() * torch.eye(x.shape[1], dtype=x.dtype)
    weights = torch.linalg.solve(covariance, x.T @ (outputs - middle) / len(x))
    return weights, middle - centre @ weights


def _probe(
    fit: Sequence[EncodedEpisode], test: Sequence[EncodedEpisode], names: Sequence[str], sense: str, part: str
) -> list[Probe]:
    if not names:
        return []
    weights, offset = linear_map(_stack(fit, part).double(), _stack(fit, "state").double())
    true = _stack(test, "state").double()
    read = _stack(test, part).double() @ weights + offset
    mse = ((read - true) ** 2).mean(0)
    r2 = 1 - mse / true.var(0, correction=0).clamp(min=1e-12)
    kept = _some(len(true))
    return [
        Probe(name, sense, float(r2[i]), float(mse[i].sqrt()), _rounded(true[kept, i]), _rounded(read[kept, i]))
        for i, name in enumerate(names)
    ]


def _plane(episodes: Sequence[EncodedEpisode], names: Sequence[str]) -> LatentMap:
    latents, state = _stack(episodes, "latents"), _stack(episodes, "state")
    centred = latents - latents.mean(0)
    _, values, directions = torch.linalg.svd(centred, full_matrices=False)
    share = float((values[:2] ** 2).sum() / (values**2).sum().clamp(min=1e-12))
    kept = _some(len(latents))
    places = (centred @ directions[:2].T)[kept]
    rows = np.round(state[kept].numpy().astype(float), 3).tolist()
    return LatentMap(share, _rounded(places[:, 0]), _rounded(places[:, -1]), list(names), rows)


def _stack(episodes: Sequence[EncodedEpisode], part: str) -> Tensor:
    return torch.cat([getattr(episode, part).flatten(1) for episode in episodes])


def _some(count: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, POINTS)).round().astype(int)


def _rounded(values: Tensor) -> list[float]:
    return np.round(values.numpy().astype(float), 4).tolist()
