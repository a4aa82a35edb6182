"""Limits for moving slower than the contract allows."""

from __future__ import annotations

from jepa_ros.contract.contract import Contract
from jepa_ros.contract.limits import Limits


def slowed(contract: Contract, share: float, limits: Limits | None = None) -> Limits:
    """Limits of a contract's robot, its own by default, with speeds cut to a share in (0, 1] of what they allow.

    Where commands are velocities this narrows their range; where they are positions, their rate.
    """
    limits = limits or contract.limits
    places = (limits.period, limits.position_low, limits.position_high, limits.position_index, limits.stepped)
    if contract.command.kind in ("joint_velocity", "velocity"):
        return Limits(limits.low * share, limits.high * share, limits.rate, *places)
    return Limits(limits.low, limits.high, limits.rate * share, *places)
