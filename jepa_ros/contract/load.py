"""Loading a contract: every rule that a file can break is checked here, once, before anything moves."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError

from jepa_ros.contract.contract import Contract, Entry
from jepa_ros.contract.document import Document, KeyPath, parse, read_text
from jepa_ros.contract.entries import build_entry
from jepa_ros.contract.errors import listed, suggestion
from jepa_ros.contract.limit_rules import build_limits
from jepa_ros.contract.schema import Align, Channel, Head, Jepa, Limit, Qos, Source
from jepa_ros.contract.validation import describe, first_error

_READ = ("robot_type", "robot_interface", "fps", "observations", "actions", "x-jepa")
_READ_OVER = ("tasks", "rewards", "signals", "info", "complementary_data", "adjunct", "teleop")
_INNER = {name for model in (Source, Channel, Align, Qos, Jepa, Limit) for name in model.model_fields}


def load_contract(path: str | Path, *, allow: Collection[str] = ()) -> Contract:
    """Load a contract file.

    Args:
        path: the YAML file.
        allow: the ``decoder:``/``encoder:`` import paths that may be imported, written exactly as in the
            file. A contract is data: without this it never runs code.

    Raises:
        ContractError: the file is wrong in any way; the message says where, what was found and what is
            allowed.
    """
    return parse_contract(read_text(path), str(path), allow)


def parse_contract(text: str, name: str = "<string>", allow: Collection[str] = ()) -> Contract:
    """:func:`load_contract` for text at hand."""
    document = parse(text, name)
    if not isinstance(document.data, dict):
        raise document.error((), describe(document.data), "a mapping with robot_type, fps, observations, actions")
    _refuse_strange_sections(document)
    head = _validate(document, Head, {key: document.data[key] for key in _READ[:3] if key in document.data}, ())
    observations = _section(document, "observations", allow)
    actions = _section(document, "actions", allow)
    for key in actions.keys() & observations.keys():
        raise document.error(("actions", key), f"the key '{key}' also under observations", "a key of its own")
    jepa = _validate(document, Jepa, document.data.get("x-jepa", {}), ("x-jepa",))
    state_names, action_names = _names(observations), _names(actions)
    _check_topics(document, observations, actions)
    limits = build_limits(document, jepa, observations, actions, state_names, action_names, head.fps)
    return Contract(
        robot_type=head.robot_type,
        fps=head.fps,
        observations=MappingProxyType(observations),
        actions=MappingProxyType(actions),
        images=MappingProxyType({key: entry.size for key, entry in observations.items() if entry.is_image}),
        state_names=state_names,
        action_names=action_names,
        command=jepa.command,
        limits=limits,
        text=text,
        name=name,
        allow=tuple(allow),
    )


def _validate(document: Document, model: type[BaseModel], values: Any, path: KeyPath) -> Any:
    _refuse_nothing(document, values, path)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise first_error(document, model, error, path) from None


def _refuse_nothing(document: Document, values: Any, path: KeyPath) -> None:
    """A key with nothing behind it (``rate:``) is a value that somebody forgot."""
    if values is None:
        raise document.error(path, "nothing", "a value, or not to write the key")
    if isinstance(values, (dict, list)):
        for key, value in values.items() if isinstance(values, dict) else enumerate(values):
            _refuse_nothing(document, value, (*path, key))


def _refuse_strange_sections(document: Document) -> None:
    """Sections for others are read over, but a misspelt one of ours would vanish without a trace."""
    for key in document.data:
        if key in _READ or key in _READ_OVER:
            continue
        if key in Jepa.model_fields:
            raise document.error((key,), f"'{key}' at the top level", f"'{key}' under x-jepa")
        if key in _INNER or "." in key:
            found = f"'{key}' at the top level"
            raise document.error((key,), found, f"{listed((*_READ, *_READ_OVER))} (is it indented?)")
        hint = suggestion(key.replace("_", "-") if key.lower().startswith("x") else key, (*_READ, *_READ_OVER))
        if hint:
            raise document.error((key,), f"an unknown section{hint}", listed((*_READ, *_READ_OVER)))


def _section(document: Document, section: str, allow: Collection[str]) -> dict[str, Entry]:
    """The entries of a section, one for each topic."""
    content = document.data.get(section)
    if not isinstance(content, dict) or not content:
        found = describe(content)
        example = "observation.state" if section == "observations" else "action"
        raise document.error((section,), found, f"a mapping of at least one key, such as '{example}', to a topic")
    entries = {}
    for key, value in content.items():
        if isinstance(value, list):
            if not value:
                raise document.error((section, key), "an empty list", "at least one topic")
            for index, item in enumerate(value):
                name = f"{key}[{index}]"
                entries[name] = _entry(document, (section, key, index), name, item, allow, shared=True)
        else:
            entries[key] = _entry(document, (section, key), key, value, allow)
    return entries


def _entry(
    document: Document, path: KeyPath, key: str, value: Any, allow: Collection[str], shared: bool = False
) -> Entry:
    source = _validate(document, Source, value, path)
    return build_entry(document, path, key, source, allow, shared)


def _names(entries: dict[str, Entry]) -> tuple[str, ...]:
    """Selectors in order; those that occur twice are told apart by their key."""
    plain = [name for entry in entries.values() for name in entry.select]
    names = []
    for key, entry in entries.items():
        names += [f"{key}/{name}" if plain.count(name) > 1 else name for name in entry.select]
    return tuple(names)


def _check_topics(document: Document, observations: dict[str, Entry], actions: dict[str, Entry]) -> None:
    """One type for each topic, and one message for each commanded topic."""
    types: dict[str, str] = {}
    for section, entries in (("observations", observations), ("actions", actions)):
        commanded: set[str] = set()
        for key, entry in entries.items():
            topic, path = entry.channel.topic, (section, key.partition("[")[0])
            if types.setdefault(topic, entry.channel.type) != entry.channel.type:
                found = f"the topic '{topic}' as {entry.channel.type} and as {types[topic]}"
                raise document.error(path, found, "one type for each topic")
            if section == "actions" and topic in commanded:
                allowed = "one action entry for each topic (select all its values there)"
                raise document.error(path, f"the topic '{topic}' in two entries", allowed)
            commanded.add(topic)
