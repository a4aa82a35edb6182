"""YAML text to plain values that remember the line they came from.

The text is composed into nodes (which carry line numbers), then walked once. Walking instead of loading lets
us refuse what plain YAML accepts in silence (a key twice) and what hurts (aliases that expand without end).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from jepa_ros.contract.errors import ContractError

MAX_BYTES = 256 * 1024
MAX_VALUES = 20_000
MAX_DEPTH = 32

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML file.

    Attributes:
        name: file name for messages.
        text: the exact text.
        data: dicts, lists and scalars; every mapping key is text.
        lines: 1-based line of every key path.
    """

    name: str
    text: str
    data: Any
    lines: dict[KeyPath, int] = field(repr=False)

    def error(self, path: KeyPath, found: str, allowed: str) -> ContractError:
        """A :class:`ContractError` that points at ``path`` or, where that is missing, at its parent."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        return ContractError(self.name, self.lines.get(known, 1), dotted(path), found, allowed)


def dotted(path: KeyPath) -> str:
    """``actions.action.select[1]`` for ``("actions", "action", "select", 1)``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def read_text(path: str | Path) -> str:
    """The file's text. Raises ContractError where it cannot be read, is too large or is not UTF-8."""
    path = Path(path).expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ContractError(str(path), 0, "", f"no readable file ({reason})", "the path of a contract file") from error
    if len(raw) > MAX_BYTES:
        raise ContractError(str(path), 0, "", "a file of more than 256 KiB", "a contract of at most 256 KiB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ContractError(
            str(path), line, "", f"a byte that is not UTF-8 (0x{raw[error.start]:02x})", "text in UTF-8"
        ) from error


def parse(text: str, name: str) -> Document:
    """Parse YAML text. Raises ContractError for anything that is not one plain YAML document."""
    if len(text) > MAX_BYTES:
        raise ContractError(name, 0, "", "a text of more than 256 KiB", "a contract of at most 256 KiB")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise ContractError(name, 1, "", "an empty file", "a contract (see doc/contract.md)")
        walker = _Walker(loader, name)
        data = walker.value(node, ())
    except yaml.YAMLError as error:
        raise _yaml_error(error, name) from error
    except RecursionError as error:
        raise ContractError(name, 1, "", "values nested without end", f"at most {MAX_DEPTH} levels") from error
    return Document(name, text, data, walker.lines)


def _yaml_error(error: yaml.YAMLError, name: str) -> ContractError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return ContractError(name, line, "", f"broken YAML ({problem})", "one valid YAML document")


class _Loader(yaml.SafeLoader):
    """Merges (`<<: [*a, *a]`) keep each key once, or merges of merges would multiply without end."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        unique = {key.value: (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        node.value = list(unique.values())


class _Walker:
    """Turns composed nodes into values, counting what it makes so that no alias bomb goes off."""

    def __init__(self, loader: yaml.SafeLoader, name: str) -> None:
        self.loader, self.name = loader, name
        self.lines: dict[KeyPath, int] = {}
        self.checked: set[int] = set()
        self.count = 0

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        self.count += 1
        if len(path) > MAX_DEPTH or self.count > MAX_VALUES:
            raise ContractError(
                self.name, line, dotted(path[:8]), "too many nested or repeated values",
                f"at most {MAX_DEPTH} levels and {MAX_VALUES} values with aliases written out",
            )  # fmt: skip
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        try:
            return self.loader.construct_object(node)
        except (ValueError, OverflowError) as error:  # a date of month 13, an integer of a million digits
            found = f"'{node.value[:40]}', which YAML cannot read ({str(error)[:80]})"
            raise ContractError(self.name, line, dotted(path), found, "a valid value, or text in quotes") from error

    def mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        # An aliased mapping comes by more than once, and merging (`<<: *base`) changes it the first time.
        if id(node) not in self.checked:
            self.checked.add(id(node))
            self.refuse_duplicates(node, path)
            self.loader.flatten_mapping(node)
        values = {}
        for key_node, value_node in node.value:
            key = key_node.value
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            values[key] = self.value(value_node, (*path, key))
        return values

    def refuse_duplicates(self, node: yaml.MappingNode, path: KeyPath) -> None:
        first: dict[str, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ContractError(self.name, line, dotted(path), "a list or mapping as key", "text as key")
            if key_node.value in first:
                key = dotted((*path, key_node.value))
                found = f"the key a second time (first in line {first[key_node.value]})"
                raise ContractError(self.name, line, key, found, "each key once")
            first[key_node.value] = line
