"""95 % intervals, areas under curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

Z = 1.959964  # of the standard normal distribution at 97.5 %
RESAMPLINGS = 2000


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The interval of a rate, in [0, 1].

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    rate, share = successes / trials, Z * Z / trials
    middle = (rate + share / 2) / (1 + share)
    half = math.sqrt(rate * (1 - rate) * share + share * share / 4) / (1 + share)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def newcombe(first: int, of_first: int, second: int, of_second: int) -> tuple[float, float, float]:
    """The first rate minus the second, with its interval; all in [-1, 1].

    Source: R. G. Newcombe, "Interval Estimation for the Difference between Independent Proportions", 1998, method 10.
    """
    one, other = first / of_first, second / of_second
    (low, high), (other_low, other_high) = wilson(first, of_first), wilson(second, of_second)
    below = math.hypot(one - low, other_high - other)
    above = math.hypot(high - one, other - other_low)
    return one - other, one - other - below, one - other + above


def bootstrap(
    statistic: Callable[..., float], *columns: Sequence[float], resamplings: int = RESAMPLINGS, seed: int = 0
) -> tuple[float, float]:
    """The percentile interval of a statistic of samples; several columns are resampled row by row.

    Source: B. Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979.
    """
    arrays = [np.asarray(column, float) for column in columns]
    random = np.random.default_rng(seed)
    rows = random.integers(0, len(arrays[0]), (resamplings, len(arrays[0])))
    low, high = np.percentile([statistic(*(array[row] for array in arrays)) for row in rows], [2.5, 97.5])
    return float(low), float(high)


def median(samples: Sequence[float]) -> tuple[float, float, float]:
    """The median with its interval."""
    return float(np.median(samples)), *bootstrap(np.median, samples)


def ratio_of_medians(samples: Sequence[float], base: Sequence[float]) -> tuple[float, float, float]:
    """The median of some samples over the median of others, measured pair by pair, with its interval."""

    def ratio(above: np.ndarray, below: np.ndarray) -> float:
        return float(np.median(above) / np.median(below))

    return ratio(np.asarray(samples), np.asarray(base)), *bootstrap(ratio, samples, base)


def roc_auc(normal: np.ndarray, abnormal: np.ndarray) -> float:
    """The chance that an abnormal score exceeds a normal one, ties counting half: the area under the ROC curve.

    Source: Hanley and McNeil, "The Meaning and Use of the Area under a ROC Curve", 1982.
    """
    ordered = np.sort(normal)
    below = np.searchsorted(ordered, abnormal, side="left")
    not_above = np.searchsorted(ordered, abnormal, side="right")
    return float((below + not_above).mean() / (2 * len(ordered)))


def roc_curve(normal: np.ndarray, abnormal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates, both ascending from 0 to 1, at every threshold that any score makes."""
    thresholds = np.unique(np.concatenate([normal, abnormal]))[::-1]
    rates = [
        np.searchsorted(np.sort(-scores), -thresholds, side="right") / len(scores) for scores in (normal, abnormal)
    ]
    return np.concatenate([[0.0], rates[0]]), np.concatenate([[0.0], rates[1]])
