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
from jepa_ros.contract.schema import Head, Jepa, Source
from jepa_ros.contract.validation import first_error

_READ = ("robot_type", "robot_interface", "fps", "observations", "actions", "x-jepa")
_READ_OVER = ("tasks", "rewards", "signals", "info", "complementary_data", "adjunct", "teleop")


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
        raise document.error(
            (), _kind_of(document.data), "a mapping with robot_type, fps, observations, actions"
        )
    _refuse_strange_sections(document)
    head = _validate(
        document, Head, {key: document.data[key] for key in _READ[:3] if key in document.data}, ()
    )
    observations = _section(document, "observations", allow)
    actions = _section(document, "actions", allow)
    for key in actions.keys() & observations.keys():
        raise document.error(("actions", key), f"the key '{key}' also under observations", "a key of its own")
    jepa = _validate(document, Jepa, document.data.get("x-jepa", {}), ("x-jepa",))
    state_names, action_names = _names(observations), _names(actions)
    _refuse_shared_command_topics(document, actions)
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
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise first_error(document, model, error, path) from None


def _refuse_strange_sections(document: Document) -> None:
    """Sections for others are read over, but a misspelt one of ours would vanish without a trace."""
    for key in document.data:
        if key in _READ or key in _READ_OVER:
            continue
        if key in Jepa.model_fields:
            raise document.error((key,), f"'{key}' at the top level", f"'{key}' under x-jepa")
        hint = suggestion(
            key.replace("_", "-") if key.lower().startswith("x") else key, (*_READ, *_READ_OVER)
        )
        if hint:
            raise document.error((key,), f"an unknown section{hint}", listed((*_READ, *_READ_OVER)))


def _section(document: Document, section: str, allow: Collection[str]) -> dict[str, Entry]:
    """The entries of a section, one for each topic."""
    content = document.data.get(section)
    if not isinstance(content, dict) or not content:
        found = _kind_of(content) if section in document.data else "nothing"
        example = "observation.state" if section == "observations" else "action"
        raise document.error(
            (section,), found, f"a mapping of at least one key, such as '{example}', to a topic"
        )
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


def _refuse_shared_command_topics(document: Document, actions: dict[str, Entry]) -> None:
    owner: dict[str, str] = {}
    for key, entry in actions.items():
        topic = entry.channel.topic
        if topic in owner:
            raise document.error(
                ("actions", key.partition("[")[0]), f"the topic '{topic}' of action '{owner[topic]}' again",
                "one action entry for each topic (select all its values there)",
            )  # fmt: skip
        owner[topic] = key


def _kind_of(value: Any) -> str:
    names = {dict: "a mapping", list: "a list", str: "text", type(None): "nothing"}
    kind = names.get(type(value), f"{value!r}")
    return (
        f"{kind} '{value[:40]}'"
        if isinstance(value, str)
        else f"an empty {kind[2:]}"
        if value in ({}, [])
        else kind
    )
