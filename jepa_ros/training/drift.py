"""Measure what averages of signed prediction errors are like while nothing is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jepa_ros.data.episodes import Episode
from jepa_ros.training.calibrate import order_statistics
from jepa_ros.training.encoded import encode_episodes, one_step
from jepa_ros.world_model import Averages, DriftScale, WorldModel, root_mean_squares

SPANS = (10.0, 30.0, 100.0, 300.0)  # periods
TRUSTED = 10  # spans that data must last for to say what such an average is like
FOLDS = 8
FLOOR = 1e-3  # of the largest variance: directions that vary less are not trusted to
TWO_DEVIATIONS = 0.9773  # quantile of a normal distribution


def drift_scale(model: WorldModel, training: Sequence[Episode], validation: Sequence[Episode]) -> DriftScale | None:
    """What is normal for averages of errors; None where validation is too short for even the shortest.

    Errors on training data are the smaller ones, those on held-out data the fewer: covariances count both alike. Each
    stretch of the held-out data is judged by what is known without it, so that the p-values of new data come out right
    (cross-conformal prediction: Vovk, 2015).
    """
    spans = tuple(span for span in SPANS if TRUSTED * span <= _periods(validation))
    known, held = (_averages(model, episodes, spans) for episodes in (training, validation))
    if len(known) < FOLDS or len(held) < FOLDS:
        return None
    folds = np.array_split(np.arange(len(held)), FOLDS)
    judged = [_statistics(_scale(spans, known, np.delete(held, fold, axis=0)), held[fold]) for fold in folds]
    statistics = order_statistics(np.sort(np.concatenate(judged)))
    return _scale(spans, known, held).model_copy(update={"statistics": _rounded(statistics)})


def _periods(episodes: Sequence[Episode]) -> float:
    return sum(len(episode) / episode.stride for episode in episodes)


def _averages(model: WorldModel, episodes: Sequence[Episode], spans: Sequence[float]) -> np.ndarray:
    """The averages (T, J, D) of all episodes, without the first of each, which remember that they began as zeros."""
    size = model.architecture.flat_size
    parts = [np.empty((0, len(spans), size))]
    for episode in episodes:
        if not spans or len(episode) <= (max(spans) + 1) * episode.stride:
            continue
        predicted, came = one_step(model, *encode_episodes(model, [episode]))
        averages = Averages(spans, size)
        errors = (predicted - came.future[:, 0]).flatten(1).double().numpy()
        rows = np.array([averages.add(error, 1 / episode.stride).copy() for error in errors])
        parts.append(rows[round(max(spans)) * episode.stride :])
    return np.concatenate(parts)


def _scale(spans: Sequence[float], known: np.ndarray, held: np.ndarray) -> DriftScale:
    moments = (np.einsum("tjd,tje->jde", part, part) / len(part) for part in (known, held))
    whitening = np.array([_whitening(moment) for moment in sum(moments) / 2])
    roots = np.concatenate([root_mean_squares(part, whitening) for part in (known, held)])
    middle = np.median(roots, axis=0)
    spread = (np.quantile(roots, TWO_DEVIATIONS, axis=0) - middle) / 2
    return DriftScale(
        spans=tuple(spans),
        whitening=tuple(tuple(map(_rounded, matrix)) for matrix in whitening),
        middle=_rounded(middle),
        spread=_rounded(np.maximum(spread, 1e-9)),
    )


def _whitening(moment: np.ndarray) -> np.ndarray:
    """The matrix (D, D) that turns vectors with this second moment (D, D) into ones with about the identity."""
    variances, directions = np.linalg.eigh(moment)
    return (directions / np.sqrt(variances + FLOOR * max(variances[-1], 1e-12))).T


def _statistics(scale: DriftScale, averages: np.ndarray) -> np.ndarray:
    roots = root_mean_squares(averages, np.array(scale.whitening))
    return ((roots - scale.middle) / scale.spread).max(-1)


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(f"{value:.6g}") for value in values)
