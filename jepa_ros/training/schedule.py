"""How large a step is taken, from the first to the last."""

from __future__ import annotations

import math

RISE = 0.05  # share of the steps until the learning rate is at its peak
START, END = 1 / 25, 4e-6  # of the learning rate, as shares of the peak
CALM, LIVELY = 0.95, 0.85  # momentum at both ends, and at the peak


def one_cycle(step: int, steps: int, peak: float) -> tuple[float, float]:
    """Learning rate and momentum of ``step`` in 1 … ``steps``: up along half a cosine, down along another.

    Source: Smith and Topin, "Super-convergence" (arXiv 1708.07120).
    """
    share = (step - 1) / steps
    if share < RISE:
        height = _half_cosine(share / RISE)
        return peak * (START + (1 - START) * height), CALM + (LIVELY - CALM) * height
    height = 1 - _half_cosine((share - RISE) / (1 - RISE))
    return peak * (END + (1 - END) * height), CALM + (LIVELY - CALM) * height


def _half_cosine(share: float) -> float:
    return (1 - math.cos(math.pi * share)) / 2
