"""ROS messages without ROS: built from plain fields, written as and read from CDR bytes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, TypesysError, get_types_from_idl, get_types_from_msg, get_typestore

IDL_SEPARATOR = "=" * 80 + "\n"
BYTE_KINDS = {"byte": "uint8", "char": "uint8", "octet": "uint8"}
TEXT_KINDS = ("string", "wstring")


class MessageError(ValueError):
    """A message that its type does not allow; the message says which field and why."""


class Messages:
    """The message types known: those of ROS 2's common packages and any that are registered.

    Args:
        definitions: further types, from a name such as `my_msgs/msg/Thing` to its definition: the text of the
            .msg file with those of its parts appended, as bags carry it, or the same in IDL. They win over
            the common ones.

    Attributes:
        problems: definitions that cannot be read, in words; such a type is the common one, or not known.
    """

    def __init__(self, definitions: Mapping[str, str] | None = None) -> None:
        self.problems: list[str] = []
        types = dict(_common().fielddefs)
        for name, text in (definitions or {}).items():
            try:
                types.update(_parse(name, text))
            except (TypesysError, AssertionError, ValueError) as error:
                reason = " ".join(str(error).split())[:100]
                self.problems.append(f"the definition of {name} cannot be read: {reason}")
        self._store = _common()
        if definitions:
            self._store = get_typestore(Stores.EMPTY)
            self._store.register(types)

    @property
    def store(self) -> Any:
        """The rosbags type store."""
        return self._store

    def build(self, kind: str, fields: Mapping[str, Any]) -> Any:
        """A message of type `kind` from nested fields; what is not given is zero or empty.

        Raises:
            MessageError: the type is unknown, it has no such field, or a value does not fit.
        """
        definition = self._store.fielddefs.get(kind)
        if definition is None:
            raise MessageError(f"message type {kind!r} is not known")
        names = [name for name, _ in definition[1]]
        for name in fields:
            if name not in names:
                raise MessageError(f"{kind} has no field {name!r}; it has {names}")
        try:
            values = [self._value(shape, fields.get(name)) for name, shape in definition[1]]
        except MessageError:
            raise
        except (TypeError, ValueError) as error:
            raise MessageError(f"{kind} cannot hold these fields: {error}") from None
        return self._store.types[kind](*values)

    def serialize(self, message: Any) -> memoryview:
        """CDR bytes of a message that `build` made."""
        return self._store.serialize_cdr(message, message.__msgtype__)

    def deserialize(self, kind: str, data: bytes | memoryview) -> Any:
        """The message in CDR bytes; its arrays are views of `data`, not copies.

        Raises:
            MessageError: the type is unknown or the bytes are not such a message.
        """
        if kind not in self._store.fielddefs:
            raise MessageError(f"message type {kind!r} is not known")
        try:
            return self._store.deserialize_cdr(data, kind)
        except Exception as error:  # rosbags lets whatever malformed bytes provoke in generated code through
            raise MessageError(f"{len(data)} bytes are no {kind}: {error}") from None

    def _value(self, shape: Any, value: Any) -> Any:
        node, detail = shape
        if node == Nodetype.BASE:
            return _scalar(detail[0], value)
        if node == Nodetype.NAME:
            return self.build(detail, {} if value is None else value)
        (item_node, item_detail), length = detail
        length = length if node == Nodetype.ARRAY else None
        if item_node == Nodetype.BASE and item_detail[0] not in TEXT_KINDS:
            return _array(item_detail[0], length, value)
        items = list(value) if value is not None else [None] * (length or 0)
        if length is not None and len(items) != length:
            raise MessageError(f"wanted {length} items, found {len(items)}")
        return [self._value((item_node, item_detail), item) for item in items]


def _scalar(kind: str, value: Any) -> Any:
    if kind in TEXT_KINDS:
        return "" if value is None else str(value)
    if kind == "bool":
        return bool(value)
    return float(value or 0) if kind.startswith("float") else int(value or 0)


def _array(kind: str, length: int | None, value: Any) -> np.ndarray:
    kind = BYTE_KINDS.get(kind, kind)
    if value is None:
        return np.zeros(length or 0, kind)
    if isinstance(value, (bytes, bytearray, memoryview)):
        array = np.frombuffer(value, kind)
    else:
        array = np.ascontiguousarray(value, kind).reshape(-1)
    if length is not None and len(array) != length:
        raise MessageError(f"wanted {length} numbers, found {len(array)}")
    return array


@lru_cache(maxsize=1)
def _common() -> Any:
    return get_typestore(Stores.ROS2_JAZZY)


def _parse(name: str, text: str) -> dict[str, Any]:
    if not text.startswith(IDL_SEPARATOR + "IDL: "):
        return get_types_from_msg(text, name)
    types: dict[str, Any] = {}
    for part in text.split(IDL_SEPARATOR)[1:]:
        types.update(get_types_from_idl(part.split("\n", 1)[1]))
    return types
