"""From one validated source of a contract to an :class:`Entry` that is ready for messages."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection
from typing import Any

from jepa_ros.contract.contract import Entry
from jepa_ros.contract.document import Document, KeyPath
from jepa_ros.contract.errors import listed, suggestion
from jepa_ros.contract.message_types import IMAGES, KNOWN, Indexed, MessageType, NamedArrays, message_type
from jepa_ros.contract.operators import Operator, OperatorError, parse_operators
from jepa_ros.contract.schema import Source
from jepa_ros.contract.selectors import Place, SelectorError, places
from jepa_ros.contract.validation import describe
from jepa_ros.contract.values import CodecSpec, compile_decoder, compile_reader

IMAGE_KEY = "observation.images."
_DIMENSIONS = {"quaternion": 4, "euler_rpy": 3, "axis_angle": 3, "rotation_6d": 6}


def build_entry(
    document: Document, path: KeyPath, key: str, source: Source, allow: Collection[str], shared: bool
) -> Entry:
    """Check what message type, selectors and operators demand of each other, and compile the reader.

    Args:
        document, path: where the source stands, for error messages.
        key: the entry's name.
        source: the validated source.
        allow: import paths that may be imported.
        shared: several topics feed the same key.

    Raises:
        ContractError: the parts do not fit together.
    """
    channel, kind, is_action = source.channel, message_type(source.channel.type), path[0] == "actions"
    _check_role(document, path, source, kind, shared)
    operators = _operators(document, path, source, kind)
    if kind.is_image:
        return Entry(key, channel, source.align, (), (), operators, size=operators[0].size)
    select = _select(document, path, source, kind, shared)
    decoder = _codec(document, path, "decoder", channel.decoder, allow)
    encoder = _codec(document, path, "encoder", channel.encoder, allow)
    found: tuple[Place, ...] = ()
    if decoder is None or (is_action and encoder is None):
        found = _places(document, path, kind, select)
    if is_action and encoder is None:
        _check_encodable(document, path, kind, select, found)
    if decoder is None:
        extract = compile_reader(channel.topic, kind, select, found, operators)
    else:
        extract = compile_decoder(decoder, channel.topic, CodecSpec(key, select), operators)
    return Entry(key, channel, source.align, select, found, operators, extract=extract, encoder=encoder)


def _check_role(document: Document, path: KeyPath, source: Source, kind: MessageType, shared: bool) -> None:
    """Images and commands each where they belong."""
    is_action, image_key = path[0] == "actions", str(path[1]).startswith(IMAGE_KEY)
    given, at_type = source.channel.model_fields_set, (*path, "channel", "type")
    if kind.name not in KNOWN:
        # A letter wrong in a well-known name would turn it into a type of which nothing is known.
        near = suggestion(kind.name, KNOWN, cutoff=0.96)
        if near:
            raise document.error(at_type, f"'{kind.name}'{near}", "a message type that exists")
    if not is_action:
        for word in given & {"safety", "encoder"}:
            at = (*path, "channel", word)
            raise document.error(at, f"'{word}' on an observation", f"'{word}' on actions only")
    if kind.layout is None and not kind.is_image:
        allowed = "an image or a message with numbers"
        raise document.error(at_type, f"{kind.name}, which holds no number", allowed)
    if kind.is_image and (is_action or not image_key or shared):
        allowed = f"images under observations, each alone under a key of its own, '{IMAGE_KEY}<name>'"
        raise document.error(at_type, f"an image under the key '{path[1]}'", allowed)
    if kind.is_image and source.channel.decoder is not None:
        found = f"'{source.channel.decoder}' for an image"
        raise document.error((*path, "channel", "decoder"), found, "no decoder: images are decoded here")
    if image_key and not kind.is_image:
        near = suggestion(kind.name, IMAGES)
        raise document.error(at_type, f"{kind.name} under an image key", f"{listed(IMAGES)}{near}")
    dtype = source.channel.dtype
    if dtype is not None and (dtype == "video") != kind.is_image:
        allowed = "video (or nothing) for images, a number type for numbers"
        raise document.error((*path, "channel", "dtype"), f"'{dtype}' for {kind.name}", allowed)
    if kind.header is False and source.align.timeline == "header":
        found = f"'header' for {kind.name}, which has none"
        raise document.error((*path, "align", "timeline"), found, "receive for this message type")


def _operators(document: Document, path: KeyPath, source: Source, kind: MessageType) -> tuple[Operator, ...]:
    try:
        return parse_operators(source.apply, kind.is_image)
    except OperatorError as error:
        at = (*path, "apply") if error.index < 0 else (*path, "apply", error.index)
        item = source.apply if error.index < 0 else source.apply[error.index]
        found = describe(item) if source.apply else "no size for this image"
        raise document.error(at, found, error.allowed) from None


def _select(document: Document, path: KeyPath, source: Source, kind: MessageType, shared: bool) -> tuple[str, ...]:
    """The values' names. One plain number needs no selector, as in Rosetta."""
    single = kind.scalar is not None or isinstance(kind.layout, Indexed) or source.channel.decoder is not None
    at = (*path, "select")
    if source.select is None:
        if not single or shared:
            example = "position.elbow" if isinstance(kind.layout, NamedArrays) else "twist.linear.x"
            raise document.error(at, "nothing", f"the list of values to take, such as [{example}]")
        return ("data",)
    for index, name in enumerate(source.select):
        if name in source.select[:index]:
            raise document.error((*at, index), f"'{name}' a second time", "each selector once")
        if not name.strip() or name != name.strip():
            raise document.error((*at, index), f"'{name}'", "a selector without blanks around it")
    wanted = _DIMENSIONS.get(source.kind, len(source.select))
    if len(source.select) != wanted:
        found = f"{source.kind} with {len(source.select)} selectors"
        raise document.error((*path, "kind"), found, f"{wanted} of them")
    return source.select


def _places(document: Document, path: KeyPath, kind: MessageType, select: tuple[str, ...]) -> tuple[Place, ...]:
    try:
        found = places(kind, select)
    except SelectorError as error:
        at = (*path, "select", error.index) if error.index >= 0 else (*path, "select")
        raise document.error(at, f"'{select[error.index]}'", error.allowed) from None
    for index, place in enumerate(found):
        if place in found[:index]:
            again = f"'{select[index]}', the same as '{select[found.index(place)]}'"
            raise document.error((*path, "select", index), again, "each value once")
    return found


def _check_encodable(
    document: Document, path: KeyPath, kind: MessageType, select: tuple[str, ...], found: tuple[Place, ...]
) -> None:
    """A command message must be filled completely: numbers that nobody chose would move the robot."""
    if isinstance(kind.layout, NamedArrays):
        names = {name for _, name in found}
        for field in {field for field, _ in found}:
            missing = sorted(names - {name for other, name in found if other == field})
            if missing:
                allowed = "every field for every name, or not at all"
                raise document.error((*path, "select"), f"'{field}' without {listed(missing)}", allowed)
    elif isinstance(kind.layout, Indexed):
        for field in {field for field, _ in found}:
            indices = sorted(index for other, index in found if other == field)
            if kind.layout.labels and indices != list(range(len(indices))):
                raise document.error(
                    (*path, "select"), f"indices {listed(indices)}", "all indices from 0 on, none left out"
                )
    else:
        for index, place in enumerate(found):
            if any(isinstance(part, int) for part in place):
                raise document.error((*path, "select", index), f"'{select[index]}'", "field names without indices")


def _codec(
    document: Document, path: KeyPath, role: str, reference: str | None, allow: Collection[str]
) -> Callable[..., Any] | None:
    """The function behind a ``decoder:``/``encoder:`` path, imported only if it was allowed by name."""
    if reference is None:
        return None
    at = (*path, "channel", role)
    if reference not in allow:
        raise document.error(
            at,
            f"'{reference}', which would import code",
            f"no code, unless allowed by name (allow=['{reference}'])",
        )
    module, _, name = reference.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise document.error(at, f"'{reference}', which does not import ({error})", "an importable function") from error
    if not callable(function):
        raise document.error(at, f"'{reference}', which cannot be called", "a function")
    return function
