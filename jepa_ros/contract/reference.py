"""Where the commanded motion is between two commands, so that each goes on where the last one has led."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jepa_ros.contract.commands import (
    Commands,
    encode_action,
    parts,
    rest,
    safety_action,
    safety_command,
)
from jepa_ros.contract.contract import Contract
from jepa_ros.contract.motion import Motion, Profile, reach_and_stop, stop, straight

#: Seconds after which a motion that has come to rest says less about the robot than its sensors do.
FORGET_AFTER = 1.0


@dataclass(frozen=True, eq=False)
class Prepared:
    """A command ready to be sent: its messages, its action (A,), and where it leads from the moment when it is due."""

    commands: Commands
    action: np.ndarray
    path: Profile
    due_ns: int


class Reference:
    """The commands of one robot, each starting where the commanded motion has got to.

    Starting from the measurement instead would make every command jump back by the robot's lag.

    Args:
        contract: the robot's contract.
        lag: seconds of motion at the highest speed that the robot may trail behind its commands. Further off,
            a joint is taken to be where it is measured, and at rest: somebody or something holds it.
    """

    def __init__(self, contract: Contract, lag: float = 0.3) -> None:
        self._contract = contract
        self._by_position = contract.command.kind == "joint_position"
        limits = contract.limits
        speed = limits.rate if self._by_position else np.maximum(np.abs(limits.low), np.abs(limits.high))
        self._slack = lag * speed
        # Which actions lead a joint along a path; of the others only the last value is known.
        self._on_path = np.zeros(len(contract.action_names), dtype=bool)
        for entry, part in parts(contract):
            self._on_path[part] = self._by_position or contract.is_path(entry)
        self._sent: Prepared | None = None

    def at(self, now_ns: int, state: np.ndarray | None) -> Motion:
        """The commanded motion now; its ``command`` is the ``previous`` of the next projection.

        Args:
            now_ns: the time, on the clock that commands are sent by.
            state: (S,) the newest measured state, None where there is none.
        """
        measured = rest(self._contract, state)
        if self._sent is None:
            return measured
        passed, path = (now_ns - self._sent.due_ns) * 1e-9, self._sent.path
        expected = path.at(passed if passed >= 0.0 else np.inf)
        past = not 0.0 <= passed <= path.times[-1] + FORGET_AFTER
        near = np.abs(expected.position - measured.position) <= self._slack
        # What is not measured cannot contradict; where nothing is expected there is nothing to trust.
        trusted = np.isnan(measured.position) | (near & (not past))
        trusted &= self._on_path & np.isfinite(expected.position)
        value = expected.position if self._by_position else expected.command
        otherwise = np.where(self._on_path, measured.command, self._sent.action)
        return Motion(np.where(trusted, value, otherwise), np.where(trusted, expected.position, measured.position))

    def command(self, action: np.ndarray, state: np.ndarray | None, now_ns: int) -> Commands:
        """What ``prepare`` gives, taken as sent."""
        return self.take(self.prepare(action, state, now_ns))

    def prepare(self, action: np.ndarray, state: np.ndarray | None, due_ns: int) -> Prepared:
        """:func:`encode_action` from where the motion is at a time, made legal from there.

        Whatever was planned a moment ago and on a measurement, this is the last gate: nothing passes it that is
        not finite, beyond a limit or faster than its rate.
        """
        start = self.at(due_ns, state)
        action = self._legal(np.asarray(action, dtype=np.float64), state, start)
        commands = encode_action(self._contract, action, state, start, due_ns)
        return Prepared(commands, action, self._path(action, start), due_ns)

    def take(self, prepared: Prepared) -> Commands:
        """Its messages, taken as sent: the next command goes on from where this one leads."""
        self._sent = prepared
        return prepared.commands

    def stop(self, state: np.ndarray | None, now_ns: int) -> Commands:
        """:func:`safety_command` from where the motion is; taken as sent."""
        start, contract = self.at(now_ns, state), self._contract
        action = safety_action(contract, start)
        path = self._path(action, start) if self._by_position else stop(start, contract.limits)
        return self.take(Prepared(safety_command(contract, state, start, now_ns), action, path, now_ns))

    def _legal(self, action: np.ndarray, state: np.ndarray | None, start: Motion) -> np.ndarray:
        """The legal action nearest to one, for the commanded rather than the measured positions."""
        limits = self._contract.limits
        names = self._contract.state_names
        positions = np.full(len(names), np.nan) if state is None else np.array(state, dtype=np.float64)
        moved = limits.position_index >= 0
        positions[limits.position_index[moved]] = start.position[moved]
        return limits.project(action[None], start.command, positions)[0]

    def _path(self, action: np.ndarray, start: Motion) -> Profile:
        """Where an action leads from a motion."""
        if self._by_position:
            return straight(start.position, action, self._contract.period)
        return reach_and_stop(start, action, self._contract.limits)
