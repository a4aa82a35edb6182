"""Between two commands: how a velocity that a trajectory leads to is reached, and what that makes of a period.

A joint velocity sent as a trajectory (see :func:`jepa_ros.contract.encode_action`) is the velocity at the *end* of the
period: the robot goes there with constant acceleration, and brakes if nothing else comes. What a robot did in a period
is therefore the mean of that motion, not the number that was sent.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

#: Seconds in which a joint without a rate limit is brought to rest.
FREE_BRAKE = 0.02


class Ramp:
    """The course of velocities (A,) after a command: from ``start`` to ``value`` within a period, then to rest.

    Args:
        rate: (A,) greatest change per second, with which it brakes; inf for none.
        period: seconds of the way from ``start`` to ``value``.
    """

    def __init__(self, rate: np.ndarray, period: float) -> None:
        self._rate, self._period = np.asarray(rate, np.float64), period

    def velocity(self, start: np.ndarray, value: np.ndarray, seconds: float) -> np.ndarray:
        """The velocity (A,) so many seconds after the command."""
        if seconds <= self._period:
            return start + (value - start) * (seconds / self._period)
        braking = self._braking(value)
        left = 1.0 - np.minimum((seconds - self._period) / braking, 1.0)
        return value * left

    def way(self, start: np.ndarray, value: np.ndarray, seconds: float) -> np.ndarray:
        """The way (A,) that is covered by then, the integral of the velocity."""
        if seconds <= self._period:
            return start * seconds + (value - start) * (0.5 * seconds * seconds / self._period)
        braking = self._braking(value)
        share = np.minimum((seconds - self._period) / braking, 1.0)
        return 0.5 * self._period * (start + value) + value * braking * (share - 0.5 * share * share)

    def _braking(self, value: np.ndarray) -> np.ndarray:
        """Seconds (A,) from a velocity to rest."""
        return np.where(np.isfinite(self._rate), np.maximum(np.abs(value), 1e-9) / self._rate, FREE_BRAKE)


def period_means(ramped: Any, actions: Any, previous: Any) -> Any:
    """The mean command of each period, which is what a world model's actions are.

    Args:
        ramped: (A,) which actions are reached at the end of their period; see ``Contract.ramped``.
        actions: (..., H, A) the command of each period, NumPy array or torch tensor.
        previous: (A,) the commanded motion when the first of them is sent.

    Returns:
        (..., H, A), the same kind of array as ``actions``.
    """
    xp = _library(actions)
    first = xp.broadcast_to(previous, actions[..., :1, :].shape)
    before = xp.concatenate([first, actions[..., :-1, :]], -2)
    return xp.where(ramped, 0.5 * (before + actions), actions)


def period_ends(ramped: Any, means: Any) -> Any:
    """The command of each period, as far as mean commands tell it: about the way back from ``period_means``.

    The velocity at the end of a period is taken for the mean of the two periods around it. What ``period_means`` does
    can't be undone one period after the other: every error would come back with the other sign in the next.

    Args:
        ramped: (A,) which actions are reached at the end of their period.
        means: (..., H + 1, A) mean commands, of one period more than is asked for.

    Returns:
        (..., H, A), the same kind of array as ``means``.
    """
    xp = _library(means)
    return xp.where(ramped, 0.5 * (means[..., :-1, :] + means[..., 1:, :]), means[..., :-1, :])


def _library(array: Any) -> Any:
    return sys.modules["torch"] if type(array).__module__.partition(".")[0] == "torch" else np
