"""From actions to command messages, and the command that is sent last."""

from __future__ import annotations

import numpy as np

from jepa_ros.contract.contract import Contract, Entry
from jepa_ros.contract.encoding import MessageFields, message_fields, trajectory_fields
from jepa_ros.contract.motion import Motion, reach_and_stop, stop

#: topic → (message type, fields)
Commands = dict[str, tuple[str, MessageFields]]


def rest(contract: Contract, state: np.ndarray | None) -> Motion:
    """The motion of a robot that nobody has commanded yet: at rest where it is measured to be.

    Args:
        state: (S,) in contract order and units, None where there is none.
    """
    index = contract.limits.position_index
    state = np.full(len(contract.state_names), np.nan) if state is None else np.asarray(state, np.float64)
    positions = np.append(state, np.nan)[index]
    if contract.command.kind == "joint_position":
        return Motion(positions, positions)
    command = np.zeros(len(index))
    if contract.command.kind == "direct":
        # A direct command that is also observed (say, a commanded position) goes on from where it is.
        known = dict(zip(contract.state_names, state, strict=True))
        command = np.array([known.get(name, 0.0) for name in contract.action_names])
    return Motion(command, positions)


def encode_action(
    contract: Contract,
    action: np.ndarray,
    state: np.ndarray | None,
    start: Motion | None = None,
    stamp_ns: int = 0,
) -> Commands:
    """The messages that make the robot do an action.

    A joint velocity for a JointTrajectory becomes a path of constant acceleration from ``start`` to the
    velocity at the end of the period, followed by a stop: if no other command comes, the controller halts by
    itself.

    Args:
        contract: the robot's contract.
        action: (A,) legal, in contract units (see :meth:`Limits.project`).
        state: (S,) the newest state, None where there is none.
        start: where the commanded motion is now (see :class:`Reference`); None for at rest where measured.
        stamp_ns: for message headers.

    Returns:
        Topic → (message type, fields as nested dicts).

    Raises:
        ValueError: the action is not finite or not within the limits, or nobody knows where it starts from.
    """
    action = _checked(contract, action)
    start = start or rest(contract, state)
    commands: Commands = {}
    for entry, part in parts(contract):
        if contract.is_path(entry) or contract.command.kind == "joint_position":
            _refuse_unknown_start(contract, start, part)
        if contract.is_path(entry):
            fields = trajectory_fields(entry, reach_and_stop(start, action, contract.limits), part)
        else:
            fields = message_fields(entry, action[part], contract.period, stamp_ns)
        commands[entry.channel.topic] = entry.channel.type, fields
    return commands


def safety_command(
    contract: Contract, state: np.ndarray | None, start: Motion | None = None, stamp_ns: int = 0
) -> Commands:
    """What is sent last when images stop, a goal is cancelled or the process ends: each entry's ``safety``.

    ``hold`` brakes to rest and stays: velocities become 0, positions stay where they are commanded, direct
    values are repeated. ``zeros`` sends 0 (kept within the limits), which for a velocity is the same.
    ``none`` sends nothing. A JointTrajectory brakes at the rate limit; where a message carries one value
    only, the driver brakes.

    Args and returns as :func:`encode_action`, but nothing is raised: topics without ``safety`` are left out,
    and those of which nothing is known that could be held, because nothing was ever commanded there.
    """
    start = start or rest(contract, state)
    values = safety_action(contract, start)
    commands: Commands = {}
    for entry, part in parts(contract):
        path = contract.is_path(entry)
        known = np.isfinite(start.position + start.command if path else values)[part].all()
        if entry.channel.safety == "none" or not known:
            continue
        if path:
            fields = trajectory_fields(entry, stop(start, contract.limits), part)
        else:
            fields = message_fields(entry, values[part], contract.period, stamp_ns)
        commands[entry.channel.topic] = entry.channel.type, fields
    return commands


def safety_action(contract: Contract, start: Motion) -> np.ndarray:
    """(A,) the command in force once the safety command has been sent."""
    limits, kind = contract.limits, contract.command.kind
    values = np.array(start.command, dtype=np.float64)
    for entry, part in parts(contract):
        holds_value = kind in ("joint_position", "direct") and entry.channel.safety == "hold"
        if entry.channel.safety != "none" and not holds_value:
            values[part] = 0.0
    return np.clip(values, limits.low, limits.high)


def parts(contract: Contract) -> list[tuple[Entry, slice]]:
    """Each action entry with its part of the action vector."""
    parts, first = [], 0
    for entry in contract.actions.values():
        parts.append((entry, slice(first, first + len(entry.select))))
        first += len(entry.select)
    return parts


def _checked(contract: Contract, action: np.ndarray) -> np.ndarray:
    """The last look at an action before it becomes a command."""
    action, limits = np.asarray(action, dtype=np.float64), contract.limits
    if action.shape != limits.low.shape:
        raise ValueError(f"an action of shape {action.shape}, not {limits.low.shape} ({contract.action_names})")
    rounding = 1e-6 * np.maximum(1.0, np.abs(action))
    legal = (action >= limits.low - rounding) & (action <= limits.high + rounding)  # False for NaN
    if not legal.all() or not np.isfinite(action).all():
        index = int(np.argmin(legal & np.isfinite(action)))
        span = f"{limits.low[index]:g} … {limits.high[index]:g}"
        raise ValueError(f"the action {contract.action_names[index]} = {action[index]} is not within {span}")
    return np.clip(action, limits.low, limits.high)


def _refuse_unknown_start(contract: Contract, start: Motion, part: slice) -> None:
    for name, value in zip(contract.action_names[part], (start.position + start.command)[part], strict=True):
        if not np.isfinite(value):
            raise ValueError(f"nobody knows where {name} starts from")
