"""From messages to numbers.

Everything that depends on the contract alone is prepared when it is loaded: each entry holds a function that
    goes
straight to its numbers. Messages are duck-typed; those of rclpy and of rosbags both work.
"""

from __future__ import annotations

import contextlib
import numbers
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from jepa_ros.contract.contract import Entry
from jepa_ros.contract.errors import StreamError, UnrelatedMessage, listed
from jepa_ros.contract.message_types import Indexed, MessageType, NamedArrays
from jepa_ros.contract.operators import Operator, forward
from jepa_ros.contract.selectors import Place

Reader = Callable[[Any], np.ndarray]


class CodecSpec(NamedTuple):
    """What a custom decoder or encoder is told: the entry's key and its selectors."""

    key: str
    names: tuple[str, ...]


def read_values(entry: Entry, message: Any) -> np.ndarray:
    """The entry's numbers in a message.

    Args:
        entry: a numeric entry of ``contract.observations`` or ``contract.actions``.
        message: a message of ``entry.channel.type``.

    Returns:
        (len(entry.select),) float64 in contract units, all finite.

    Raises:
        StreamError: a value is missing or not finite; names topic, selector and what was found.
        UnrelatedMessage: none of the entry's names is in the message at all.
    """
    return entry.extract(message)


def compile_reader(
    topic: str,
    kind: MessageType,
    select: tuple[str, ...],
    places: tuple[Place, ...],
    operators: Sequence[Operator],
) -> Reader:
    """The function behind :func:`read_values` for one entry."""
    if isinstance(kind.layout, NamedArrays):
        gather = _NamedGather(topic, kind.layout, select, places)
    elif isinstance(kind.layout, Indexed):
        gather = _indexed_gather(topic, kind.layout, select, places)
    else:
        gather = _path_gather(topic, select, places)
    return _finish(gather, topic, select, operators)


def compile_decoder(decode: Callable[..., Any], topic: str, spec: CodecSpec, operators: Sequence[Operator]) -> Reader:
    """The same for a custom decoder, ``decode(message, spec) → numbers``."""

    def gather(message: Any) -> np.ndarray:
        try:
            return np.asarray(decode(message, spec), dtype=np.float64).reshape(-1)
        except Exception as error:
            raise StreamError(f"{topic}: the contract's decoder failed: {error}") from error

    return _finish(gather, topic, spec.names, operators)


def _finish(gather: Callable[[Any], Any], topic: str, select: tuple[str, ...], operators: Sequence[Operator]) -> Reader:
    """Check the numbers and bring them to contract units."""

    def read(message: Any) -> np.ndarray:
        values = np.array(gather(message), dtype=np.float64)
        if values.shape != (len(select),):
            raise StreamError(f"{topic}: expected {len(select)} values ({listed(select)}), found {values.size}")
        if not np.isfinite(values).all():
            name, value = next((n, v) for n, v in zip(select, values, strict=True) if not np.isfinite(v))
            raise StreamError(f"{topic}: {name} is {value}, not a finite number")
        return forward(operators, values)

    return read


class _NamedGather:
    """Values from parallel arrays by name. The last order of names is remembered; it rarely changes."""

    def __init__(self, topic: str, layout: NamedArrays, select: Sequence[str], places: Sequence[Place]) -> None:
        self.topic, self.layout, self.select, self.places = topic, layout, select, places
        self.names: list[str] | None = None
        self.indices: list[int] = []

    def __call__(self, message: Any) -> list[float]:
        names = _attribute(message, self.layout.names, self.topic)
        if list(names) != self.names:
            self.indices = self.find(list(names))
            self.names = list(names)
        holder = message
        if self.layout.point:
            points = _attribute(message, "points", self.topic)
            if len(points) == 0:
                raise StreamError(f"{self.topic}: the trajectory has no point")
            holder = points[0]
        values = []
        for selector, (field, _), index in zip(self.select, self.places, self.indices, strict=True):
            array = _attribute(holder, field, self.topic)
            if index >= len(array):
                found = f"{field} has {len(array)} values for {len(self.names)} names"
                raise StreamError(f"{self.topic}: {selector} is missing: {found}")
            values.append(array[index])
        return values

    def find(self, names: list[str]) -> list[int]:
        where = {name: index for index, name in enumerate(names)}
        if len(where) != len(names):
            twice = sorted({name for name in names if names.count(name) > 1})
            raise StreamError(f"{self.topic}: {listed(twice)} named more than once")
        missing = [selector for selector, (_, name) in zip(self.select, self.places, strict=True) if name not in where]
        if missing:
            kind = UnrelatedMessage if names and len(missing) == len(self.select) else StreamError
            raise kind(f"{self.topic}: {listed(missing)} not in the message, which names {listed(names)}")
        return [where[name] for _, name in self.places]


def _indexed_gather(
    topic: str, layout: Indexed, select: Sequence[str], places: Sequence[Place]
) -> Callable[[Any], Any]:
    # Labels stand for the whole array; with indices the array may be longer than what is read.
    whole = layout.labels and not any(name.rpartition(".")[2].isdigit() for name in select)

    def gather(message: Any) -> list[float]:
        arrays = {field: _attribute(message, field, topic) for field, _ in places}
        if whole and len(arrays["data"]) != len(places):
            found = f"{len(arrays['data'])} values"
            raise StreamError(f"{topic}: expected exactly {len(places)} values ({listed(select)}), found {found}")
        for selector, (field, index) in zip(select, places, strict=True):
            if index >= len(arrays[field]):
                raise StreamError(f"{topic}: {selector} is missing: {field} has {len(arrays[field])} values")
        return [arrays[field][index] for field, index in places]

    return gather


def _path_gather(topic: str, select: Sequence[str], places: Sequence[Place]) -> Callable[[Any], Any]:
    straight = all(isinstance(part, str) for place in places for part in place)
    getters = [operator.attrgetter(".".join(place)) for place in places] if straight else []

    def gather(message: Any) -> list[float]:
        if straight:
            with contextlib.suppress(AttributeError, TypeError):
                return [operator.add(get(message), 0.0) for get in getters]
        return [_walk(message, place, topic, name) for place, name in zip(places, select, strict=True)]

    return gather


def _walk(message: Any, place: Place, topic: str, selector: str) -> float:
    """One value step by step, to say exactly where a path ends."""
    here = message
    for part in place:
        if isinstance(part, int):
            if not hasattr(here, "__len__") or isinstance(here, str) or part >= len(here):
                size = len(here) if hasattr(here, "__len__") else "no"
                raise StreamError(f"{topic}: {selector}: there are {size} elements, not {part + 1}")
            here = here[part]
        else:
            here = _attribute(here, part, f"{topic}: {selector}")
    if not isinstance(here, numbers.Real):
        inside = f" with {listed(_fields(here))}" if _fields(here) else ""
        raise StreamError(f"{topic}: {selector} is {type(here).__name__}{inside}, not a number")
    return float(here)


def _attribute(message: Any, name: str, where: str) -> Any:
    try:
        return getattr(message, name)
    except AttributeError:
        kind = type(message).__name__
        raise StreamError(f"{where}: {kind} has no '{name}'; it has {listed(_fields(message))}") from None


def _fields(message: Any) -> list[str]:
    """Field names of an rclpy or rosbags message."""
    if hasattr(message, "get_fields_and_field_types"):
        return list(message.get_fields_and_field_types())
    return [name for name in getattr(message, "__dataclass_fields__", ()) if not name.startswith("_")]
