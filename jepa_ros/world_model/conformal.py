"""How unusual a score is among those of normal operation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def p_value(normal: Sequence[float] | np.ndarray, score: float) -> float:
    """Share of the normal scores, ascending, at least as large as ``score``: a conformal p-value in (0, 1].

    Source: Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World" (2005), inductive conformal p-value.
    """
    at_least = len(normal) - np.searchsorted(normal, score, side="left")
    return float((at_least + 1) / (len(normal) + 1))
