"""95 % intervals."""

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
