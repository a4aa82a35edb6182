"""The motion that a velocity command leads joints through: constant acceleration, then a stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jepa_ros.contract.limits import Limits
from jepa_ros.contract.ramp import FREE_BRAKE


@dataclass(frozen=True, eq=False)
class Motion:
    """Where the commanded motion is at some moment, in contract units and action order.

    Attributes:
        command: (A,) the command in force; what :meth:`Limits.project` takes as ``previous``. NaN for
            unknown.
        position: (A,) the position of what the action moves. NaN where none is observed.
    """

    command: np.ndarray
    position: np.ndarray


@dataclass(frozen=True, eq=False)
class Profile:
    """Velocities that are linear in time between knots.

    Attributes:
        times: (K,) seconds from the start, the first is 0.
        velocities: (K, A) at the knots.
        positions: (K, A) at the knots.
    """

    times: np.ndarray
    velocities: np.ndarray
    positions: np.ndarray

    def at(self, time: float) -> Motion:
        """The motion ``time`` seconds after the start; after the last knot it rests."""
        if time >= self.times[-1]:
            return Motion(self.velocities[-1].copy(), self.positions[-1].copy())
        knot = max(int(np.searchsorted(self.times, time, side="right")) - 1, 0)
        passed, length = max(time - self.times[knot], 0.0), self.times[knot + 1] - self.times[knot]
        start, change = self.velocities[knot], self.velocities[knot + 1] - self.velocities[knot]
        velocity = start + change * (passed / length)
        return Motion(velocity, self.positions[knot] + 0.5 * (start + velocity) * passed)


def reach_and_stop(start: Motion, velocity: np.ndarray, limits: Limits) -> Profile:
    """Go from the start's velocity to ``velocity`` (A,) within one period, then brake to rest."""
    brakes, slower = _brake(velocity, limits)
    times = np.concatenate([[0.0, limits.period], limits.period + brakes])
    return _profile(start.position, times, np.concatenate([[start.command, velocity], slower]))


def stop(start: Motion, limits: Limits) -> Profile:
    """Brake to rest from where the motion is."""
    brakes, slower = _brake(start.command, limits)
    if not brakes.size:
        brakes, slower = np.array([limits.period]), np.zeros((1, start.command.size))
    times = np.concatenate([[0.0], brakes])
    return _profile(start.position, times, np.concatenate([[start.command], slower]))


def straight(position: np.ndarray, target: np.ndarray, period: float) -> Profile:
    """Go from ``position`` to ``target`` (A,) at constant speed within ``period`` seconds, and stay."""
    speed = (target - position) / period
    return Profile(np.array([0.0, period]), np.stack([speed, speed]), np.stack([position, target]))


def _brake(velocity: np.ndarray, limits: Limits) -> tuple[np.ndarray, np.ndarray]:
    """Times (K,) at which joints come to rest, and the velocities (K, A) of all joints then.

    Each joint brakes at its own rate limit. Whatever room that takes, no other way to stop takes less.
    """
    speed = np.abs(np.nan_to_num(velocity))  # what nobody knows needs no brake, and is not sent
    duration = np.where(np.isfinite(limits.rate), speed / limits.rate, min(FREE_BRAKE, limits.period))
    # Up to the next microsecond: later points must be later in whole nanoseconds too.
    duration = np.ceil(np.where(speed > 0.0, duration, 0.0) * 1e6) * 1e-6
    times = np.unique(duration[duration > 0.0])
    left = np.clip(1.0 - times[:, None] / np.maximum(duration, 1e-6), 0.0, None)
    return times, np.nan_to_num(velocity) * left


def _profile(position: np.ndarray, times: np.ndarray, velocities: np.ndarray) -> Profile:
    travelled = 0.5 * (velocities[1:] + velocities[:-1]) * np.diff(times)[:, None]
    steps = np.concatenate([np.zeros((1, position.size)), np.cumsum(travelled, axis=0)])
    return Profile(times, velocities, position + steps)
