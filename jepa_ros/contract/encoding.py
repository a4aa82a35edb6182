"""From numbers to the fields of a message: nested dicts, to be filled into messages of rclpy or rosbags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from jepa_ros.contract.contract import Entry
from jepa_ros.contract.message_types import Fields, Indexed, NamedArrays
from jepa_ros.contract.motion import Profile
from jepa_ros.contract.operators import Rad2Deg, inverse
from jepa_ros.contract.values import CodecSpec

MessageFields = dict[str, Any]


def message_fields(entry: Entry, values: np.ndarray, period: float, stamp_ns: int) -> MessageFields:
    """The fields of a command message that says ``values`` (len(entry.select),), given in contract units.

    All fields of known types are there; of others only those selected. ``period`` seconds is how long a
    trajectory takes to its only point; ``stamp_ns`` goes into the header where there is one (a trajectory's
    stays 0, which means that it starts at once).
    """
    raw = inverse(entry.apply, np.asarray(values, dtype=np.float64))
    if entry.encoder is not None:
        return fields_of(entry.encoder(raw, CodecSpec(entry.key, entry.select), stamp_ns))
    layout = entry.message_type.layout
    if isinstance(layout, NamedArrays):
        return _named(entry, layout, raw, period, stamp_ns)
    if isinstance(layout, Indexed):
        return _header(entry, stamp_ns) | _indexed(entry, layout, raw)
    defaults = _defaults(layout.shape) if isinstance(layout, Fields) and layout.shape else {}
    return _nested(entry, raw, _header(entry, stamp_ns) | defaults)


def trajectory_fields(entry: Entry, profile: Profile, indices: slice) -> MessageFields:
    """The fields of a JointTrajectory through the knots of a profile after its start.

    Positions and velocities at every point make the controller's cubic the profile itself.
    """
    units = [operator for operator in entry.apply if isinstance(operator, Rad2Deg)]
    positions = inverse(units, profile.positions[1:, indices])
    velocities = inverse(units, profile.velocities[1:, indices])
    points = [
        _point(time, positions=position, velocities=velocity)
        for time, position, velocity in zip(profile.times[1:], positions, velocities, strict=True)
    ]
    return {"header": _stamp(0), "joint_names": [name for _, name in entry.places], "points": points}


def _named(entry: Entry, layout: NamedArrays, raw: np.ndarray, period: float, stamp_ns: int) -> MessageFields:
    names = list(dict.fromkeys(name for _, name in entry.places))
    given = {place: float(value) for place, value in zip(entry.places, raw, strict=True)}
    used = dict.fromkeys(field for field, _ in entry.places)
    arrays = {field: [given[field, name] for name in names] for field in used}
    if layout.point:
        return {"header": _stamp(0), layout.names: names, "points": [_point(period, **arrays)]}
    empty: MessageFields = {field: [] for field in layout.fields.values()}
    return _header(entry, stamp_ns) | {layout.names: names} | empty | arrays


def _point(time: float, **arrays: Sequence[float]) -> MessageFields:
    empty: MessageFields = {"positions": [], "velocities": [], "accelerations": [], "effort": []}
    lists = {field: [float(value) for value in values] for field, values in arrays.items()}
    return empty | lists | {"time_from_start": _time(round(time * 1e9))}


def _indexed(entry: Entry, layout: Indexed, raw: np.ndarray) -> MessageFields:
    whole = "Int" in entry.channel.type
    fields: MessageFields = {"layout": {"dim": [], "data_offset": 0}} if layout.labels else {}
    for field in layout.fields:
        values = {place[1]: float(v) for place, v in zip(entry.places, raw, strict=True) if place[0] == field}
        numbers = [values.get(index, 0.0) for index in range(max(values, default=-1) + 1)]
        fields[field] = [round(number) for number in numbers] if whole or field == "buttons" else numbers
    return fields


def _defaults(shape: dict[str, Any]) -> MessageFields:
    """Zeros for every number of a known type; the identity for rotations, as in ROS."""
    fields: MessageFields = {}
    for name, inside in shape.items():
        if isinstance(inside, dict):
            fields[name] = _defaults(inside)
        elif isinstance(inside, int):
            fields[name] = [0.0] * inside
        else:
            fields[name] = 1.0 if name == "w" else 0.0
    return fields


def _nested(entry: Entry, raw: np.ndarray, fields: MessageFields) -> MessageFields:
    for place, value in zip(entry.places, raw, strict=True):
        here = fields
        for part in place[:-1]:
            here = here.setdefault(part, {})
        here[place[-1]] = _scalar(entry, float(value))
    return fields


def _scalar(entry: Entry, value: float) -> float | int | bool:
    if entry.message_type.scalar is None or "Float" in entry.channel.type:
        return value
    return value >= 0.5 if entry.channel.type.endswith("Bool") else round(value)


def _header(entry: Entry, stamp_ns: int) -> MessageFields:
    known = entry.message_type.header
    has_header = entry.align.timeline == "header" if known is None else known
    return {"header": _stamp(stamp_ns)} if has_header else {}


def _stamp(stamp_ns: int) -> MessageFields:
    return {"stamp": _time(stamp_ns), "frame_id": ""}


def _time(nanoseconds: int) -> MessageFields:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return {"sec": seconds, "nanosec": rest}


def fields_of(message: Any) -> Any:
    """A message (of rclpy or rosbags) as nested dicts and lists."""
    if isinstance(message, dict):
        return message
    if hasattr(message, "get_fields_and_field_types"):
        return {name: fields_of(getattr(message, name)) for name in message.get_fields_and_field_types()}
    if hasattr(message, "__dataclass_fields__"):
        names = (name for name in message.__dataclass_fields__ if not name.startswith("_"))
        return {name: fields_of(getattr(message, name)) for name in names}
    if hasattr(message, "tolist"):
        return message.tolist()
    return [fields_of(item) for item in message] if isinstance(message, (list, tuple)) else message
