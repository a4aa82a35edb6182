"""Statistical process control, a chart per instrument: what a machine without a model is watched with.

Each chart looks at the instruments' values, in standard deviations from their mean in normal operation, or at how these
change from one period to the next. Of all instruments the most unusual one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

ALLOWANCES = (0.25, 0.5, 1.0, 2.0)  # standard deviations that a cumulative sum lets pass

Chart = Callable[[np.ndarray], np.ndarray]
"""Values (T, S) of a run → how unusual each moment is (T,)."""


def control_charts(normal: Sequence[np.ndarray]) -> dict[str, Chart]:
    """All charts by name, with means and deviations as in normal runs (T, S)."""
    charts: dict[str, Chart] = {}
    for name, prepared in (("", _Values(normal)), (" of changes", _Changes(normal))):
        charts[f"Shewhart{name}"] = lambda run, of=prepared: shewhart(of(run))
        for allowance in ALLOWANCES:
            charts[f"CUSUM{name}, k = {allowance:g}"] = lambda run, of=prepared, k=allowance: cusum(of(run), k)
    return charts


def shewhart(values: np.ndarray) -> np.ndarray:
    """The largest deviation among standardised values (T, S): (T,).

    Source: W. A. Shewhart, "Economic Control of Quality of Manufactured Product", 1931.
    """
    return np.abs(values).max(1)


def cusum(values: np.ndarray, allowance: float) -> np.ndarray:
    """The largest two-sided cumulative sum of standardised values (T, S) beyond an allowance: (T,).

    Source: E. S. Page, "Continuous Inspection Schemes", 1954.
    """
    return np.maximum(_one_sided(values - allowance), _one_sided(-values - allowance)).max(1)


def _one_sided(steps: np.ndarray) -> np.ndarray:
    """max(0, last + step) at each step: the sum so far less its lowest point, the beginning included."""
    sums = np.cumsum(steps, axis=0)
    return sums - np.minimum(np.minimum.accumulate(sums, axis=0), 0.0)


class _Values:
    """Runs in standard deviations from the mean of normal ones."""

    def __init__(self, normal: Sequence[np.ndarray]):
        together = np.concatenate(normal).astype(float)
        self._mean, self._spread = together.mean(0), np.maximum(together.std(0), 1e-12)

    def __call__(self, run: np.ndarray) -> np.ndarray:
        return (run - self._mean) / self._spread


class _Changes:
    """The same of differences between successive values; the first is zero."""

    def __init__(self, normal: Sequence[np.ndarray]):
        self._values = _Values([np.diff(run, axis=0) for run in normal])

    def __call__(self, run: np.ndarray) -> np.ndarray:
        return self._values(np.diff(run, axis=0, prepend=run[:1]))
