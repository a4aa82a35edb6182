"""Hard limits on commands, and the projection that makes any action sequence legal.

The planner calls :meth:`Limits.project` on hundreds of candidate sequences at a time, so a step of it is a
few dozen vectorised operations. It works on NumPy arrays and on torch tensors (any device, differentiable)
without importing torch.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

# Stands in for "no limit" inside the arithmetic, where a real infinity would breed NaN (inf - inf, 0 * inf).
_UNLIMITED = 1e9
# The least change per period that the arithmetic tells from none.
_LEAST_CHANGE = 1e-12


class Limits:
    """What the robot may be asked for. All arrays are in the contract's units and action order, and
    read-only.

    Args:
        low, high: (A,) range of each action.
        rate: (A,) greatest change per second.
        period: seconds between two actions.
        position_low, position_high: (A,) range of the position that a velocity action integrates into.
        position_index: (A,) where the position that an action moves stands in the state vector, -1 for
            nowhere.
        stepped: (A,) which velocities hold from the start of their period on, rather than being reached at its end.

    ``±inf`` means no limit (up to 1e9, to which all values are cut).
    """

    def __init__(
        self,
        low: Any,
        high: Any,
        rate: Any,
        period: float,
        position_low: Any = None,
        position_high: Any = None,
        position_index: Any = None,
        stepped: Any = None,
    ) -> None:
        self.low, self.high, self.rate = _constant(low), _constant(high), _constant(rate)
        self.period = float(period)
        size = self.low.shape
        self.position_low = _constant(np.full(size, -np.inf) if position_low is None else position_low)
        self.position_high = _constant(np.full(size, np.inf) if position_high is None else position_high)
        self.position_index = _constant(np.full(size, -1) if position_index is None else position_index, np.int64)
        self.stepped = _constant(np.zeros(size) if stepped is None else stepped, bool)
        self._bounded = np.isfinite(self.position_low) | np.isfinite(self.position_high)
        if np.any(self._bounded & (self.position_index < 0)):
            raise ValueError("a position limit needs the position's index in the state vector")
        self._tables: dict[Any, _Table] = {}

    def __repr__(self) -> str:
        return f"Limits(low={self.low}, high={self.high}, rate={self.rate}, period={self.period:g})"

    def __reduce__(self):
        ranges = (self.position_low, self.position_high, self.position_index, self.stepped)
        return type(self), (self.low, self.high, self.rate, self.period, *ranges)

    def project(self, actions: Any, previous: Any, state: Any) -> Any:
        """The legal actions nearest to the wanted ones, step by step.

        Every returned action is finite, within [low, high] and within ``rate · period`` of the one before.
        Where ``previous`` lies so far outside [low, high] that both cannot hold, the bound wins. Positions
        stay within their limits whenever that was still possible at the start, because velocities are held
        down to the highest one from which the joint still stops in time, braking by one rate step per period.

        Args:
            actions: (..., H, A) wanted. A value that is not finite repeats the one before it.
            previous: (..., A) or (A,) the command in force. A value that is not finite counts as 0.
            state: (..., S) or (S,) the state vector. A joint whose limited position is not finite is braked.

        Returns:
            (..., H, A), the same kind of array, dtype and device as ``actions``.
        """
        xp = sys.modules["torch"] if type(actions).__module__.partition(".")[0] == "torch" else np
        if xp is np:
            actions = np.asarray(actions)
            actions = actions if actions.dtype.kind == "f" else actions.astype(np.float64)
        table = self._table(xp, actions)
        now = _like(xp, previous, actions)
        now = xp.clip(xp.where(xp.isfinite(now), now, table.rest), -_UNLIMITED, _UNLIMITED)
        room = None
        if self._bounded.any():
            room, actions = table.start(xp, actions, _like(xp, state, actions))
            half = table.half_sign * now[..., None, :]
        finite = xp.isfinite(actions)
        legal = []
        for step in range(actions.shape[-2]):
            wanted = xp.where(finite[..., step, :], actions[..., step, :], now)
            if room is not None:
                spent = table.lasting * half
                left = room - spent
                wanted = table.stoppable(xp, wanted, room, left, spent)
            within_rate = _cut(xp, wanted, now - table.change, now + table.change)
            now = _cut(xp, within_rate, table.low, table.high)
            if room is not None:
                half = table.half_sign * now[..., None, :]
                room = left - table.halves * half
            legal.append(now)
        return xp.stack(legal, -2)

    def _table(self, xp: Any, like: Any) -> _Table:
        """The constants as arrays of the kind of ``like``, made once per dtype and device."""
        key = (like.dtype, None if xp is np else like.device)
        if key not in self._tables:
            # A tensor born in inference mode could never take part in a gradient later.
            with contextlib.nullcontext() if xp is np else xp.inference_mode(False):
                self._tables[key] = _build_table(self, xp, like)
        return self._tables[key]


@dataclass(frozen=True)
class _Table:
    """Constants of one dtype and device. Distances are divided by the period: velocities then just add up."""

    low: Any
    high: Any
    change: Any
    rest: Any
    half_change: Any
    two_per_change: Any
    half_sign: Any
    lasting: Any
    halves: Any
    per_period: Any
    position_limit: Any
    gather: Any
    bounded: Any
    far: Any
    none: Any
    least_change: Any

    def start(self, xp: Any, actions: Any, state: Any) -> tuple[Any, Any]:
        """The room to both position limits, and actions that ask 0 of joints whose position nobody knows.

        Those have all the room there is, or they would be led back from beyond a limit that they may not be near.
        """
        position = state[..., self.gather]
        known = abs(position) < _UNLIMITED  # False for NaN
        unknown = (~known & self.bounded)[..., None, :]
        actions = xp.where(unknown, xp.zeros_like(actions), actions)
        position = xp.where(known, position, self.none)
        room = self.position_limit - self.per_period * position[..., None, :]
        return xp.where(unknown, self.far, room), actions

    def stoppable(self, xp: Any, wanted: Any, room: Any, left: Any, half: Any) -> Any:
        """``wanted`` cut to velocities from which the joint can still stop before either position limit.

        With S = room - v0/2 and a rate step δ, braking from v takes m + 1 periods where
        m = ⌊√(1/4 + 2 S/δ) - 1/2⌋, and the highest v that fits is S/(m+1) + δ m/2. For S < 0 coming to rest
        within a period takes too long (a command between two ticks may find the joint so); then
        v0 - v0²/(2 room) turns it round just at the limit, and S leads it back from beyond.

        Args:
            wanted: (..., A) velocities.
            room: (..., 2, A) distance / period to the upper and the lower limit.
            left: (..., 2, A) S, towards either limit.
            half: (..., 2, A) v0/2, towards either limit; 0 where v0 leads no further.
        """
        steps = xp.floor(xp.sqrt(0.25 + self.two_per_change * xp.maximum(left, self.none)) - 0.5)
        speed = left / (steps + 1.0) + self.half_change * steps
        half = xp.maximum(half, self.none)
        turning = 2.0 * half * (1.0 - half / xp.maximum(room, self.least_change))
        speed = xp.where(left < 0.0, xp.minimum(left, turning), speed)
        return _cut(xp, wanted, -speed[..., 1, :], speed[..., 0, :])


def _build_table(limits: Limits, xp: Any, like: Any) -> _Table:
    low, high = np.maximum(limits.low, -_UNLIMITED), np.minimum(limits.high, _UNLIMITED)
    position_low = np.maximum(limits.position_low, -_UNLIMITED)
    position_high = np.minimum(limits.position_high, _UNLIMITED)
    change = np.minimum(limits.rate * limits.period, _UNLIMITED)
    # A hair less than the rate allows, so that rounding never makes a step longer than it.
    hair = 4.0 * float(xp.finfo(like.dtype).eps)
    largest = np.maximum(*(np.where(abs(bound) < _UNLIMITED, abs(bound), 0.0) for bound in (low, high)))
    change = np.maximum(change - hair * np.maximum(largest, change), 0.5 * change)
    countable = np.maximum(change, _LEAST_CHANGE)

    def make(values: Any) -> Any:
        return _like(xp, values, like)

    return _Table(
        low=_inward(xp, make(low), low, np.inf),
        high=_inward(xp, make(high), high, -np.inf),
        change=make(change),
        rest=make(np.clip(0.0, limits.low, limits.high)),
        half_change=make(0.5 * countable),
        two_per_change=make(2.0 / countable),
        half_sign=make([[0.5], [-0.5]]),
        # Of a period's way half is due to the velocity before and half to the new one, or all to the new one.
        lasting=make(np.where(limits.stepped, 0.0, 1.0)),
        halves=make(np.where(limits.stepped, 2.0, 1.0)),
        per_period=make([[1.0 / limits.period], [-1.0 / limits.period]]),
        position_limit=make(np.stack([position_high, -position_low]) / limits.period),
        gather=_integers(xp, np.maximum(limits.position_index, 0), like),
        bounded=make(limits._bounded) > 0,
        far=make(_UNLIMITED / limits.period),
        none=make(0.0),
        least_change=make(_LEAST_CHANGE),
    )


def _cut(xp: Any, values: Any, low: Any, high: Any) -> Any:
    """``values`` within bounds, of which the upper one wins, as by ``clip``, in a quarter of NumPy's time for that."""
    return xp.minimum(xp.maximum(values, low), high)


def _inward(xp: Any, rounded: Any, exact: np.ndarray, inside: float) -> Any:
    """``rounded`` moved one step inside where rounding to a smaller dtype pushed it past ``exact``."""
    as_double = np.asarray(rounded.tolist(), np.float64)
    outside = as_double < exact if inside > 0 else as_double > exact
    moved = xp.nextafter(rounded, _like(xp, np.full(exact.shape, inside), rounded))
    return xp.where(_like(xp, outside, rounded) > 0, moved, rounded)


def _constant(values: Any, dtype: Any = np.float64) -> np.ndarray:
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def _like(xp: Any, values: Any, like: Any) -> Any:
    if xp is np:
        return np.asarray(values, dtype=like.dtype)
    if isinstance(values, np.ndarray):
        values = values.copy()  # torch warns of arrays that it may not write to, and ours are read-only
    return xp.as_tensor(values, dtype=like.dtype, device=like.device)


def _integers(xp: Any, values: np.ndarray, like: Any) -> Any:
    return values if xp is np else xp.tensor(values.tolist(), device=like.device)
