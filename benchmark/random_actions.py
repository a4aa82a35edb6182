"""The floor: what an arm reaches that does not look."""

from __future__ import annotations

import math

import numpy as np

from jepa_ros.contract import Contract, Reference
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import as_message


def passes_by(
    contract: Contract,
    start: np.ndarray,
    goal: np.ndarray,
    seconds: float,
    tolerance: float,
    random: np.random.Generator,
) -> bool:
    """Whether random legal actions bring every joint within ``tolerance`` (rad) of the goal (A,), if only in passing.

    The actions are uniform over the contract's range, a new one each period, sent as the planner sends its own.
    """
    arm, reference, limits = PlanarArm(), Reference(contract), contract.limits
    arm.reset(start)
    for tick in range(math.ceil(seconds * contract.fps)):
        action = random.uniform(limits.low, limits.high)
        for _, fields in reference.command(action, arm.position, round(tick * contract.period * 1e9)).values():
            arm.follow(as_message(fields))
        arm.step(contract.period)
        if (np.abs(arm.position - goal) <= tolerance).all():
            return True
    return False
