"""Notice what develops: prediction errors too small to surprise, but kept to one side for long.

An average of signed errors over the last periods (a multivariate exponentially weighted moving average, MEWMA) loses
the noise and keeps what is systematic. Noise of instruments even cancels: what makes one prediction start too high
makes the one before end too high. So each average is measured against what it is like in normal operation, not against
single errors. Several spans run side by side, since nobody knows how fast a fault will develop.

Source: Lowry, Woodall, Champ, Rigdon, "A Multivariate Exponentially Weighted Moving Average Control Chart" (1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveFloat, model_validator
from torch import Tensor

from jepa_ros.world_model import conformal

Matrix = tuple[tuple[FiniteFloat, ...], ...]


class DriftScale(BaseModel):
    """What averages of signed prediction errors are like in normal operation, for each of J spans.

    ``spans`` (J,) are time constants in periods. ``whitening`` (J, K, D) turns an average of flat errors (D,) into K
    numbers of about variance 1; ``middle`` and ``spread`` (J,) are of the cube root of their mean square, which is
    nearly normal (Wilson and Hilferty, 1931). ``statistics`` are order statistics, ascending, of the ``DriftMonitor``'s
    statistic on held-out data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spans: tuple[PositiveFloat, ...] = Field(min_length=1)
    whitening: tuple[Matrix, ...]
    middle: tuple[FiniteFloat, ...]
    spread: tuple[PositiveFloat, ...]
    statistics: tuple[FiniteFloat, ...] = Field(default=(0.0,), min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> DriftScale:
        if {len(self.whitening), len(self.middle), len(self.spread)} != {len(self.spans)}:
            raise ValueError("whitening, middle and spread must each have one entry per span")
        if len({len(row) for matrix in self.whitening for row in matrix}) != 1:
            raise ValueError("all rows of whitening must be of one length")
        if np.any(np.diff(self.statistics) < 0):
            raise ValueError("statistics must ascend")
        return self

    @property
    def size(self) -> int:
        """D: how many numbers an error has."""
        return len(self.whitening[0][0])


@dataclass(frozen=True)
class Drift:
    """By how many deviations the most unusual average lies above what is normal, and the conformal p-value of that.

    Successive values are far from independent: one excursion lasts for about its average's span.
    """

    statistic: float
    p_value: float


class Averages:
    """Moving averages of errors (D,) over several spans (periods), from zero on."""

    def __init__(self, spans: Sequence[float], size: int):
        self._spans = np.asarray(spans, float)
        self.values = np.zeros((len(self._spans), size))

    def add(self, error: np.ndarray, periods: float) -> np.ndarray:
        """Take in an error (D,) that stands for so many periods; the averages (J, D)."""
        share = 1 - np.exp(-periods / self._spans)
        self.values += share[:, None] * (error - self.values)
        return self.values


def root_mean_squares(averages: np.ndarray, whitening: np.ndarray) -> np.ndarray:
    """The cube root of the mean square of whitened averages (..., J, D): (..., J)."""
    whitened = (whitening @ averages[..., None])[..., 0]
    return np.cbrt((whitened**2).mean(-1))


class DriftMonitor:
    """Averages the signed errors of successive one-period predictions and says how unusual the averages are.

    Args:
        scale: what is normal.
        period: seconds of one.
    """

    def __init__(self, scale: DriftScale, period: float):
        self._scale, self._period_ns = scale, period * 1e9
        self._whitening, self._middle, self._spread = map(np.array, (scale.whitening, scale.middle, scale.spread))
        self._normal = np.array(scale.statistics)
        self._stamp_ns: int | None = None
        self._averages = Averages(scale.spans, scale.size)

    def observe(self, stamp_ns: int, error: Tensor) -> Drift:
        """Take in the error (N, D), predicted less come, of a prediction that ended at a stamp.

        Stamps may come at any rate. Nothing is forgotten in a gap; where time runs back, all is.
        """
        if self._stamp_ns is not None and stamp_ns <= self._stamp_ns:
            self._averages = Averages(self._scale.spans, self._scale.size)
            self._stamp_ns = None
        passed = 1.0 if self._stamp_ns is None else min((stamp_ns - self._stamp_ns) / self._period_ns, 1.0)
        self._stamp_ns = stamp_ns
        averages = self._averages.add(error.flatten().double().cpu().numpy(), passed)
        scores = (root_mean_squares(averages, self._whitening) - self._middle) / self._spread
        statistic = float(scores.max())
        return Drift(statistic, conformal.p_value(self._normal, statistic))
