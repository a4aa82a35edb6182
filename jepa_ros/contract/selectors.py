"""Selectors: from the words in ``select`` to places in a message."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jepa_ros.contract.errors import listed, suggestion
from jepa_ros.contract.message_types import Fields, Indexed, MessageType, NamedArrays

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_INDEX = re.compile(r"[0-9]{1,6}")

#: Where a number stands: attributes and indices from the message's root; (field, name) for named arrays.
Place = tuple[str | int, ...]

#: Spellings of one physical quantity in the messages that name joints.
_QUANTITIES = {"positions": "position", "velocities": "velocity", "accelerations": "acceleration"}


class SelectorError(ValueError):
    """A selector that its message type cannot serve.

    Attributes:
        index: place in ``select``, -1 for the list as a whole.
        allowed: what may stand there.
    """

    def __init__(self, index: int, allowed: str) -> None:
        self.index, self.allowed = index, allowed
        super().__init__(allowed)


def joint_quantity(kind: MessageType, selector: str) -> tuple[str, str]:
    """``("velocity", "elbow")`` for ``velocity.elbow``; ``("", selector)`` where no joint is meant."""
    field, dot, joint = selector.partition(".")
    if not dot and isinstance(kind.layout, NamedArrays):
        field, joint = kind.layout.default, selector
    field = _QUANTITIES.get(field, field)
    return (field, joint) if field in ("position", "velocity", "acceleration", "effort") and joint else ("", selector)


def places(kind: MessageType, select: Sequence[str]) -> tuple[Place, ...]:
    """Where each selector's number stands in a message of this type. Raises SelectorError."""
    if isinstance(kind.layout, NamedArrays):
        return tuple(_named(kind.layout, index, text) for index, text in enumerate(select))
    if isinstance(kind.layout, Indexed):
        return _indexed(kind.layout, select)
    if kind.scalar is not None:
        if len(select) != 1:
            raise SelectorError(1, "one selector for one number")
        return ((kind.scalar,),)
    return tuple(_by_path(kind, index, text) for index, text in enumerate(select))


def _named(layout: NamedArrays, index: int, text: str) -> Place:
    field, dot, name = text.partition(".")
    if not dot:
        field, name = layout.default, text
    if field not in layout.fields:
        hint = suggestion(field, layout.fields)
        raise SelectorError(index, f"<field>.<name> with a field of {listed(layout.fields)}{hint}")
    if not name.strip():
        raise SelectorError(index, f"<field>.<name>, such as {field}.elbow")
    return layout.fields[field], name


def _indexed(layout: Indexed, select: Sequence[str]) -> tuple[Place, ...]:
    parsed = [_index_of(layout, text) for text in select]
    if layout.labels and all(place is None for place in parsed):
        return tuple((layout.fields[0], index) for index in range(len(select)))
    for index, place in enumerate(parsed):
        if place is None:
            fields = " or ".join(f"{field}.<index>" for field in layout.fields)
            labels = ", or labels for the whole array in order, but not both" if layout.labels else ""
            raise SelectorError(index, f"{fields}{labels}")
        if place in parsed[:index]:
            raise SelectorError(index, f"each index once (here as in {select[parsed.index(place)]})")
    return tuple(parsed)


def _index_of(layout: Indexed, text: str) -> Place | None:
    field, dot, number = text.rpartition(".")
    if not dot:
        field = layout.fields[0]
    return (field, int(number)) if field in layout.fields and _INDEX.fullmatch(number) else None


def _by_path(kind: MessageType, index: int, text: str) -> Place:
    parts = text.split(".")
    if not all(_WORD.fullmatch(part) or _INDEX.fullmatch(part) for part in parts):
        raise SelectorError(index, "a dotted path of field names (and indices), such as twist.linear.x")
    path = tuple(int(part) if _INDEX.fullmatch(part) else part for part in parts)
    if isinstance(kind.layout, Fields) and kind.layout.shape is not None:
        _refuse_unknown_path(kind, index, path)
    return path


def _refuse_unknown_path(kind: MessageType, index: int, path: Place) -> None:
    here = kind.layout.shape
    for depth, part in enumerate(path):
        prefix = "".join(f"{name}." for name in path[:depth])
        if here is None:
            raise SelectorError(index, f"{prefix[:-1]} (a number; nothing is inside)")
        if isinstance(here, int):
            if not isinstance(part, int) or part >= here:
                raise SelectorError(index, f"{prefix}0 … {prefix}{here - 1}")
            here = None
        elif part not in here:
            names = [f"{prefix}{name}" for name in here]
            raise SelectorError(index, f"fields of {kind.name}: {listed(names)}{suggestion(str(part), here)}")
        else:
            here = here[part]
    if here is not None:
        inside = range(here) if isinstance(here, int) else here
        raise SelectorError(
            index, f"one number inside it: {listed('.'.join(map(str, (*path, name))) for name in inside)}"
        )
