"""Whether actions could be sent as they are, in words for whoever asks "what if"."""

from __future__ import annotations

import numpy as np

from jepa_ros.contract.contract import Contract

ROUNDING = 1e-5  # of an action, or of 1 where it is smaller: what single precision may add


def objection(contract: Contract, actions: np.ndarray, previous: np.ndarray, state: np.ndarray) -> str:
    """Why a robot would not be sent some actions as they are; empty where it would.

    Args:
        contract: the robot's contract.
        actions: (H, A) wanted, one for each period.
        previous: (A,) the command in force.
        state: (S,) the state vector.

    Returns:
        The first of them that is not legal after those before it, with the nearest one that is.
    """
    wanted = np.asarray(actions, np.float64)
    legal = contract.limits.project(wanted, previous, state)
    different = ~(np.abs(legal - wanted) <= ROUNDING * np.maximum(1.0, np.abs(wanted)))  # True for NaN
    if not different.any():
        return ""
    period, index = np.argwhere(different)[0]
    name, found, nearest = contract.action_names[index], wanted[period, index], legal[period, index]
    return f"not legal: {name} = {found:g} in period {period + 1}; the nearest that is: {nearest:g}"
