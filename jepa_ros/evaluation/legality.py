"""A judge of joint trajectories: is every command that reached the robot legal under its contract?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from jepa_ros.contract import Contract

ROUNDING = 1e-6
LATE = 0.25  # s after it was made that a command may be stamped, on a busy machine
GRID = 1e-3  # s between the moments that are tried
SAME_PLACE = 4e-3  # rad; what a joint travels between two of them, and a robot's servo errs by
SAME_SPEED = 1.2e-2  # rad/s, likewise
DRIFT = 1e-2  # rad/s: what a second more of delay weighs, where a command can go on from several moments


@dataclass(frozen=True)
class Command:
    """A trajectory_msgs/JointTrajectory, or any object with its attributes, sent at ``sent_ns`` by its sender's clock.

    ``disturbed`` says that somebody has held or carried the robot since the command before.
    """

    sent_ns: int
    message: Any
    disturbed: bool = False


class Path(NamedTuple):
    """Velocities (K, A) that are linear in time between knots at times (K,), and the positions (K, A) they lead to."""

    times: np.ndarray
    positions: np.ndarray
    velocities: np.ndarray

    def at(self, moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Positions and velocities (M, A) at moments (M,); at rest after the last knot."""
        velocities = np.stack([np.interp(moments, self.times, column) for column in self.velocities.T], axis=1)
        knot = np.clip(np.searchsorted(self.times, moments, side="right") - 1, 0, len(self.times) - 1)
        passed = (moments - self.times[knot])[:, None]
        return self.positions[knot] + 0.5 * (self.velocities[knot] + velocities) * passed, velocities


class Judge:
    """Looks at the commands of one robot, each once, in the order in which they came.

    It knows the contract's limits and nothing of how commands are made. ``late`` is how many seconds after it was made
    a command may be stamped.
    """

    def __init__(self, contract: Contract, late: float = LATE):
        self._limits, self._late = contract.limits, late
        self._joints = [name.rpartition(".")[2] for name in contract.action_names]
        self._sent_ns = 0
        self._path: Path | None = None

    def complaints(self, commands: Sequence[Command]) -> list[str]:
        """What is wrong with new commands, in words."""
        found = []
        for number, command in enumerate(commands):
            wrong = list(self._alone(command.message)) or list(self._after(command))
            found += [f"command {number}: {text}" for text in wrong]
        return found

    def _alone(self, message: Any) -> Iterator[str]:
        """Names, sizes, finite numbers, limits, and a stop at the end."""
        limits = self._limits
        if list(message.joint_names) != self._joints:
            yield f"joints {list(message.joint_names)}"
            return
        times, positions, velocities = path(message)
        if positions.shape != velocities.shape or not np.isfinite([positions, velocities]).all():
            yield f"positions {positions} and velocities {velocities}"
            return
        if (velocities < limits.low - ROUNDING).any() or (velocities > limits.high + ROUNDING).any():
            yield f"velocities {velocities} beyond {limits.low} to {limits.high}"
        if (positions < limits.position_low - ROUNDING).any() or (positions > limits.position_high + ROUNDING).any():
            yield f"positions {positions} beyond {limits.position_low} to {limits.position_high}"
        steps = np.diff(times)[:, None]
        if times[0] <= 0 or (steps <= 0).any():
            yield f"times {times}"
        if (np.abs(np.diff(velocities, axis=0)) > limits.rate * (steps + ROUNDING)).any():
            yield f"velocities {velocities} at {times} change faster than {limits.rate}"
        travelled = 0.5 * (velocities[1:] + velocities[:-1]) * steps
        if not np.allclose(np.diff(positions, axis=0), travelled, atol=ROUNDING):
            yield f"positions {positions} that are not where velocities {velocities} lead"
        if velocities[-1].any():
            yield f"ends at {velocities[-1]}, not at rest"

    def _after(self, command: Command) -> Iterator[str]:
        """It must go on from a place and a speed that the one before had at about this time, and not too fast."""
        target = path(command.message)
        starts, speeds, delays = self._in_force(command.sent_ns)
        time, place, speed = target.times[0], target.positions[0], target.velocities[0]
        gap = np.abs(starts + 0.5 * (speeds + speed) * time - place)
        change = np.abs(speed - speeds)
        good = (gap <= SAME_PLACE) & (change <= self._limits.rate * time + SAME_SPEED)
        if command.disturbed:  # then a joint may begin at rest, from wherever it was found
            good |= np.abs(speed) <= self._limits.rate * time + ROUNDING
        whole = good.all(axis=1)
        if self._path is not None and not whole.any():
            near = int(np.argmin(gap.sum(axis=1)))
            yield (
                f"{place} rad, {speed} rad/s in {time} s is not on from {starts[near]} rad, {speeds[near]} rad/s, "
                f"which of {len(starts)} moments since {starts[0]} rad, {speeds[0]} rad/s comes nearest"
            )
        best = int(np.argmin(np.where(whole, gap.sum(axis=1) + DRIFT * delays, np.inf)))
        begin = np.where(gap[best] <= SAME_PLACE, speeds[best], 0.0)  # one that was found elsewhere began at rest
        first = place - 0.5 * (begin + speed) * time
        self._sent_ns = command.sent_ns
        self._path = Path(
            np.concatenate([[0.0], target.times]),
            np.concatenate([[first], target.positions]),
            np.concatenate([[begin], target.velocities]),
        )

    def _in_force(self, sent_ns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places and speeds (M, A) where the commanded motion can have been when this command was made.

        And by how many seconds (M,) it or the one before must have been late for that.
        """
        if self._path is None:
            return np.zeros((1, len(self._joints))), np.zeros((1, len(self._joints))), np.zeros(1)
        passed = max((sent_ns - self._sent_ns) * 1e-9, 0.0)
        moments = np.arange(max(passed - self._late, 0.0), passed + self._late + GRID, GRID)
        return *self._path.at(moments), np.abs(moments - passed)


def path(message: Any) -> Path:
    """The points of a trajectory; without the start, which no message tells."""
    points = message.points
    times = np.array([point.time_from_start.sec + point.time_from_start.nanosec * 1e-9 for point in points])
    return Path(times, np.array([p.positions for p in points]), np.array([p.velocities for p in points]))


def stops(message: Any, period: float) -> bool:
    """Whether a command only brakes: it asks for no speed at the end of the period."""
    times, _, velocities = path(message)
    return bool(times[0] < period - ROUNDING or not velocities[0].any())
