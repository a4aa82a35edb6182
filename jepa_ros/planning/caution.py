"""How fast to go when the world is not quite what was predicted."""

from __future__ import annotations

import math

SURE, DOUBTFUL = 0.01, 0.001  # p-values from which on a robot goes at full speed, and below which at the slowest
SLOWEST = 0.5  # share of the speed that is left then


def speed_share(p_value: float) -> float:
    """The share of its speed that a robot keeps, given how likely its newest prediction error is.

    Full speed while errors are as large as one in a hundred normally is: that many, and more, come with good plans.
    From there it falls with the logarithm of the p-value. What is no number says nothing.
    """
    if not p_value < SURE:
        return 1.0
    if p_value <= DOUBTFUL:
        return SLOWEST
    return SLOWEST + (1.0 - SLOWEST) * math.log(p_value / DOUBTFUL) / math.log(SURE / DOUBTFUL)
