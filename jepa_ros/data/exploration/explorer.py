"""Explore: random motion that shows a world model what the robot can do, within the contract's limits.

A world model knows what it has seen. So the motion covers the whole range of positions, slow and fast, smooth
and abrupt, with small movements and with rests, and it does so the same way for the same seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.exploration.obstruction import Obstruction

ARRIVED = 0.03  # share of the range: a goal this near is reached
EDGE = 0.04  # share of the range, at either end, from which random motion turns back
ENDS = 1.2  # goals are spread over this many ranges and cut to one, for random motion seldom comes to its ends
SLOWEST, FASTEST = 0.15, 1.0  # shares of the greatest speed
FINE = 0.12  # share of the greatest speed that small motions keep to
GAIN = 3.0  # 1/s, of the approach to a goal
BRISK = 0.2  # s; a contract with longer periods says that its robot is slow, and all that takes time takes more then
SWEEP_TIME = 4.0  # s from one end to the other, where no limit says how fast positions may change


class Stretch(NamedTuple):
    """A kind of motion: what it wants next, how often it is chosen, and for how long (s)."""

    wish: Callable[[np.ndarray], np.ndarray]
    share: float
    shortest: float
    longest: float


class Explorer:
    """A seeded source of legal actions, one per contract period.

    It alternates between reaching goals spread over the range, wandering, abrupt changes, small motions and
    rests; a base turns round where something is in its way. Motion is thought of as (A,) values in -1 … 1 of the
    greatest speed, places as shares 0 … 1 of the range that positions have, NaN where a value has no position (a
    mobile base).

    Args:
        contract: its limits say what is legal; every action needs a range.
        seed: the same seed and the same states give the same actions.

    Raises:
        ValueError: an action has no minimum or no maximum.
    """

    def __init__(self, contract: Contract, seed: int = 0) -> None:
        self._limits = limits = contract.limits
        self._period = contract.period
        self._pace = max(1.0, contract.period / BRISK)
        self._random = np.random.default_rng(seed)
        self._size = len(limits.low)
        unbounded = ~(np.isfinite(limits.low) & np.isfinite(limits.high))
        if unbounded.any():
            names = [name for name, missing in zip(contract.action_names, unbounded) if missing]
            raise ValueError(f"exploring needs min and max in the limits of {', '.join(names)}")
        self._commands_positions = contract.command.kind == "joint_position"
        if self._commands_positions:
            self._start, end, speed = limits.low, limits.high, limits.rate
        else:
            bounded = np.isfinite(limits.position_low) & np.isfinite(limits.position_high)
            self._start = np.where(bounded, limits.position_low, np.nan)
            end, speed = limits.position_high, np.minimum(-limits.low, limits.high)
        self._span = end - self._start
        self._speed = np.where(np.isfinite(speed) & (speed > 0), speed, self._span / SWEEP_TIME)
        drives = contract.command.kind == "velocity"
        self._obstruction = Obstruction(contract.state_names, np.maximum(-limits.low, limits.high)) if drives else None
        self._goals = _Spread(self._size, self._random)
        self._stretches = (
            Stretch(self._reach, 0.50, 2.0, 12.0),
            Stretch(self._wander, 0.20, 2.0, 5.0),
            Stretch(self._jerk, 0.12, 1.0, 3.0),
            Stretch(self._dabble, 0.10, 1.0, 3.0),
            Stretch(self._rest, 0.08, 0.3, 1.5),
        )
        self._motion = np.zeros(self._size)
        self._begin()

    def command(self, state: np.ndarray, previous: np.ndarray) -> np.ndarray:
        """The next legal action (A,) from the state vector (S,) and the command in force (A,)."""
        state, previous = np.asarray(state, float), np.asarray(previous, float)
        moved = state[np.maximum(self._limits.position_index, 0)]
        if self._commands_positions:
            previous = np.where(np.isfinite(previous), previous, moved)
            moved = previous
        place = (moved - self._start) / self._span
        if self._ticks_left <= 0 or self._arrived(place):
            self._begin()
        if self._obstruction is not None and self._obstruction.notice(state, previous):
            self._turn_round()
        self._ticks_left -= 1
        wish = self._stretch.wish(place)
        self._motion = self._turn_back(self._motion + self._smoothness * (wish - self._motion), place)
        return self._limits.project(self._action(previous)[None], previous, state)[0]

    def _begin(self) -> None:
        """Choose the next stretch of motion."""
        shares = [stretch.share for stretch in self._stretches]
        self._stretch = self._stretches[self._random.choice(len(shares), p=shares)]
        seconds = self._random.uniform(self._stretch.shortest, self._stretch.longest)
        self._ticks_left = round(seconds * self._pace / self._period)
        self._smoothness = self._random.uniform(0.2, 1.0)
        self._share = self._random.uniform(SLOWEST, FASTEST, self._size)
        self._goal = np.clip(0.5 + ENDS * (self._goals.next() - 0.5), 0.0, 1.0)
        self._held_ticks = 0
        self._held_motion = np.zeros(self._size)

    def _turn_round(self) -> None:
        """Begin to move to where the way is more likely free: anywhere in the half opposite to the present motion."""
        blocked = self._motion
        self._begin()
        self._stretch, self._smoothness = self._stretches[0], 1.0
        if float((2 * self._goal - 1) @ blocked) > 0:
            self._goal = 1 - self._goal

    def _action(self, previous: np.ndarray) -> np.ndarray:
        """The action that the motion means."""
        low, high = self._limits.low, self._limits.high
        if self._commands_positions:
            return previous + self._motion * self._speed * self._period
        both_ways = np.where(self._motion >= 0, self._motion * high, -self._motion * low)
        one_way = 0.5 * (low + high) + 0.5 * self._motion * (high - low)
        return np.where((low < 0) & (high > 0), both_ways, one_way)

    def _arrived(self, place: np.ndarray) -> bool:
        return self._stretch.wish == self._reach and bool(np.all(np.abs(self._goal - place) < ARRIVED))

    def _turn_back(self, motion: np.ndarray, place: np.ndarray) -> np.ndarray:
        """Random motion near an end leads away from it; only a goal may lie there."""
        if self._stretch.wish == self._reach:
            return motion
        motion = np.where(place < EDGE, np.abs(motion), motion)
        return np.where(place > 1 - EDGE, -np.abs(motion), motion)

    def _reach(self, place: np.ndarray) -> np.ndarray:
        """Towards a goal, each value at a speed of its own; where there are no places, goals are motions."""
        approach = GAIN * (self._goal - place) * self._span / self._speed
        return np.where(np.isnan(place), 2 * self._goal - 1, np.clip(approach, -self._share, self._share))

    def _wander(self, place: np.ndarray) -> np.ndarray:
        """Anywhere, changing course about once a second."""
        return self._held(1.0, self._share)

    def _jerk(self, place: np.ndarray) -> np.ndarray:
        """Anywhere, changing course at almost every step, as a planner's candidates do."""
        self._smoothness = 1.0
        return self._held(2 * self._period / self._pace, self._share)

    def _dabble(self, place: np.ndarray) -> np.ndarray:
        """Small motions about the place where it is."""
        return self._held(0.5, FINE)

    def _rest(self, place: np.ndarray) -> np.ndarray:
        return np.zeros(self._size)

    def _held(self, seconds: float, share: np.ndarray | float) -> np.ndarray:
        """A random motion, kept for up to so many seconds."""
        if self._held_ticks <= 0:
            self._held_ticks = self._random.integers(1, max(round(seconds * self._pace / self._period), 1) + 1)
            self._held_motion = self._random.uniform(-1, 1, self._size) * share
        self._held_ticks -= 1
        return self._held_motion


class _Spread:
    """Points (D,) in the unit cube that fill it evenly from the first on, beginning anywhere.

    The additive recurrence on the generalised golden ratio: M. Roberts, "The unreasonable effectiveness of
    quasirandom sequences", 2018.
    """

    def __init__(self, size: int, random: np.random.Generator) -> None:
        ratio = 1.0
        for _ in range(64):
            ratio = (1 + ratio) ** (1 / (size + 1))
        self._step = ratio ** -np.arange(1.0, size + 1)
        self._point = random.uniform(size=size)

    def next(self) -> np.ndarray:
        self._point = (self._point + self._step) % 1.0
        return self._point
