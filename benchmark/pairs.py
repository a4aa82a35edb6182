"""Start and goal poses of the planar arm, the same ones every time; training draws its poses from other seeds."""

from __future__ import annotations

import numpy as np

from jepa_ros.contract import Contract

SEED = 20_261_122
MARGIN = 0.1  # rad kept from the position limits


def random_pairs(contract: Contract, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """``count`` pairs (start (A,), goal (A,)) of joint positions, uniform over what the contract allows."""
    low, high = contract.limits.position_low + MARGIN, contract.limits.position_high - MARGIN
    return [tuple(pair) for pair in np.random.default_rng(SEED).uniform(low, high, (count, 2, len(low)))]
