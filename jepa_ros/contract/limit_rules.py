"""The rules of ``x-jepa``: which limits belong to which values, and what the command kind demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from jepa_ros.contract.contract import Entry
from jepa_ros.contract.document import Document, KeyPath
from jepa_ros.contract.errors import listed, suggestion
from jepa_ros.contract.limits import Limits
from jepa_ros.contract.operators import clamped_range, in_degrees
from jepa_ros.contract.schema import Jepa, Limit
from jepa_ros.contract.selectors import joint_quantity

_LIMITS: KeyPath = ("x-jepa", "limits")
_KIND: KeyPath = ("x-jepa", "command", "kind")


class _Value(NamedTuple):
    """One value of the state or action vector: where it comes from; for a joint its quantity and name."""

    entry: Entry
    quantity: str
    joint: str


def build_limits(
    document: Document,
    jepa: Jepa,
    observations: Mapping[str, Entry],
    actions: Mapping[str, Entry],
    state_names: tuple[str, ...],
    action_names: tuple[str, ...],
    fps: int,
) -> Limits:
    """The contract's :class:`Limits`. Raises ContractError for limits or a command kind that do not fit."""
    kind = jepa.command.kind
    state, commands = _values(observations), _values(actions)
    index = _moved_positions(document, kind, actions, state, commands)
    of_action, of_state = _assign(document, jepa, state_names, action_names)
    if kind == "velocity":
        index = _moved_states(document, of_state, action_names)
    for position, (_, path) in of_state.items():
        if position not in index:
            found = f"a state that no action moves (command kind {kind})"
            raise document.error(path, found, _limitable(kind))
    size = len(action_names)
    low, high, rate = np.full(size, -np.inf), np.full(size, np.inf), np.full(size, np.inf)
    position_low, position_high = low.copy(), high.copy()
    for i, value in enumerate(commands):
        low[i], high[i] = clamped_range(value.entry.apply)
        if i in of_action:
            limit, _ = of_action[i]
            low[i], high[i] = _intersect(low[i], high[i], limit)
            rate[i] = np.inf if limit.rate is None else limit.rate
        if index[i] in of_state:
            bounds = _intersect(-np.inf, np.inf, of_state[index[i]][0])
            if kind in ("joint_velocity", "velocity"):
                position_low[i], position_high[i] = bounds
            else:  # the action is the position itself
                low[i], high[i] = max(low[i], bounds[0]), min(high[i], bounds[1])
        path = of_action[i][1] if i in of_action else _LIMITS
        _check_range(document, path, kind, action_names[i], low[i], high[i])
    stepped = [kind == "velocity"] * size
    return Limits(low, high, rate, 1.0 / fps, position_low, position_high, index, stepped)


def _values(entries: Mapping[str, Entry]) -> list[_Value]:
    return [
        _Value(entry, *joint_quantity(entry.message_type, selector))
        for entry in entries.values()
        for selector in entry.select
    ]


def _assign(
    document: Document, jepa: Jepa, state_names: tuple[str, ...], action_names: tuple[str, ...]
) -> tuple[dict[int, tuple[Limit, KeyPath]], dict[int, tuple[Limit, KeyPath]]]:
    """Limits by index into the action and into the state vector."""
    assigned: dict[str, dict[int, tuple[Limit, KeyPath]]] = {"action": {}, "state": {}}
    for key, limit in jepa.limits.items():
        path = (*_LIMITS, key)
        group, _, selector = key.partition(".")
        if group not in assigned or not selector:
            raise document.error(path, f"the key '{key}'", "action.<selector> or state.<selector>")
        names = action_names if group == "action" else state_names
        index = _find(document, path, group, selector, names)
        if index in assigned[group]:
            raise document.error(path, f"a second limit of '{names[index]}'", "one limit for each value")
        if limit.moved_by is not None and (group != "state" or jepa.command.kind != "velocity"):
            raise document.error((*path, "moved_by"), f"'{limit.moved_by}'", "moved_by for states, with kind velocity")
        if group == "state" and limit.rate is not None:
            raise document.error((*path, "rate"), "a rate of a state", "min and max (rate limits actions)")
        assigned[group][index] = limit, path
    return assigned["action"], assigned["state"]


def _find(document: Document, path: KeyPath, group: str, selector: str, names: tuple[str, ...]) -> int:
    """The index of a selector, written in full or by its unmistakable end."""
    if selector in names:
        return names.index(selector)
    ends = [name for name in names if name.endswith((f".{selector}", f"/{selector}"))]
    if len(ends) == 1:
        return names.index(ends[0])
    found = f"'{selector}', which could be {listed(ends)}" if ends else f"the unknown selector '{selector}'"
    near = suggestion(selector, [*names, *(name.rpartition(".")[2] for name in names)])
    raise document.error(path, found + near, listed(f"{group}.{name}" for name in names))


def _moved_positions(
    document: Document, kind: str, actions: Mapping[str, Entry], state: list[_Value], commands: list[_Value]
) -> list[int]:
    """For each action the index of the state that it moves, -1 for none."""
    if kind not in ("joint_velocity", "joint_position"):
        return [-1] * len(commands)
    quantity = kind.removeprefix("joint_")
    positions = {value.joint: index for index, value in enumerate(state) if value.quantity == "position"}
    indices = []
    for value in commands:
        if value.quantity != quantity:
            selectors = listed(name for entry in actions.values() for name in entry.select)
            raise document.error(_KIND, f"{kind} with the actions {selectors}", f"selectors {quantity}.<joint> with it")
        index = positions.get(value.joint, -1)
        if index >= 0 and in_degrees(state[index].entry.apply) != in_degrees(value.entry.apply):
            raise document.error(
                _KIND, f"{value.joint} in degrees on one side only", "the same unit for state and action"
            )
        starts_from_position = quantity == "position" or value.entry.channel.type.endswith("/JointTrajectory")
        if index < 0 and starts_from_position:
            needed = f"position.{value.joint}"
            found = f"a command for {value.joint} without {needed} observed"
            raise document.error(_KIND, found, f"{needed} under observations (the command starts from there)")
        indices.append(index)
    if kind == "joint_position":
        _refuse_zeros(document, actions)
    return indices


def _moved_states(
    document: Document, of_state: Mapping[int, tuple[Limit, KeyPath]], action_names: tuple[str, ...]
) -> list[int]:
    """For each velocity the index of the state that is said to be its integral, -1 for none."""
    indices = [-1] * len(action_names)
    for position, (limit, path) in of_state.items():
        if limit.moved_by is None:
            continue
        action = _find(document, (*path, "moved_by"), "action", limit.moved_by, action_names)
        if indices[action] >= 0:
            raise document.error((*path, "moved_by"), f"a second state of '{action_names[action]}'", "one state each")
        indices[action] = position
    return indices


def _refuse_zeros(document: Document, actions: Mapping[str, Entry]) -> None:
    for key, entry in actions.items():
        if entry.channel.safety == "zeros":
            path = ("actions", key.partition("[")[0], "channel", "safety")
            raise document.error(path, "zeros for positions, which would drive to the zero pose", "hold or none")


def _intersect(low: float, high: float, limit: Limit) -> tuple[float, float]:
    low = low if limit.min is None else max(low, limit.min)
    return low, high if limit.max is None else min(high, limit.max)


def _check_range(document: Document, path: KeyPath, kind: str, name: str, low: float, high: float) -> None:
    if low >= high:
        found = f"no room for {name} between {low:g} and {high:g} (limits and clamps together)"
        raise document.error(path, found, "ranges that overlap")
    if kind in ("joint_velocity", "velocity") and not low <= 0.0 <= high:
        raise document.error(path, f"the range {low:g} … {high:g} of a velocity", "a range with 0 inside, to stop at")


def _limitable(kind: str) -> str:
    if kind in ("joint_velocity", "joint_position"):
        return "position.<joint> of joints that the actions move"
    if kind == "velocity":
        return "moved_by: the action whose velocity the state is the integral of"
    return "limits of states with another command kind than direct only"
