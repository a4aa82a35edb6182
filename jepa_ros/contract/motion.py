"""The motion that a velocity command leads a joint through: constant acceleration, then a stop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from jepa_ros.contract.limits import Limits

#: Seconds. No brake is planned shorter: controllers interpolate at some hundred hertz.
SHORTEST_BRAKE = 0.02


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
    return _profile(start, [limits.period], [velocity], limits)


def stop(start: Motion, limits: Limits) -> Profile:
    """Brake to rest from where the motion is."""
    return _profile(start, [], [], limits)


def straight(position: np.ndarray, target: np.ndarray, period: float) -> Profile:
    """Go from ``position`` to ``target`` (A,) at constant speed within ``period`` seconds, and stay."""
    speed = (target - position) / period
    return Profile(np.array([0.0, period]), np.stack([speed, speed]), np.stack([position, target]))


def _profile(start: Motion, times: list[float], velocities: list[np.ndarray], limits: Limits) -> Profile:
    times, velocities = [0.0, *times], [start.command, *velocities]
    last = np.nan_to_num(velocities[-1])  # what nobody knows needs no brake, and is not sent
    fastest = float(np.max(np.abs(last) / limits.rate, initial=0.0))  # seconds to stop at the full rate
    if np.any(last):
        # The same stop, one rate step per period, that Limits.project keeps room for.
        steps = max(1, math.ceil(fastest / limits.period - 1e-6))
        length = limits.period if steps > 1 else max(fastest, SHORTEST_BRAKE)
        for step in range(1, steps + 1):
            change = np.minimum(limits.rate * (step * length), np.abs(last))
            times.append(times[-1] + length)
            velocities.append(np.zeros_like(last) if step == steps else last - np.copysign(change, last))
    elif len(times) == 1:
        times.append(limits.period)
        velocities.append(np.zeros_like(last))
    knots, speeds = np.array(times), np.array(velocities)
    travelled = np.cumsum(0.5 * (speeds[1:] + speeds[:-1]) * np.diff(knots)[:, None], axis=0)
    positions = start.position + np.concatenate([np.zeros((1, last.size)), travelled])
    return Profile(knots, speeds, positions)
