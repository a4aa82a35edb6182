"""One pass through a bag that notes of every message what an audit needs, and decodes no image."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jepa_ros.contract import Contract, ContractError, Entry, StreamError, UnrelatedMessage, read_values
from jepa_ros.contract.images import check_image
from jepa_ros.data.bags.bag import Bag, BagError
from jepa_ros.data.bags.excerpts import ALL, Excerpts

BLOCK = 1 << 14  # bytes of an image that are compared at once: images that differ mostly do so soon


@dataclass
class Stream:
    """What one entry's topic carried.

    Attributes:
        topic: its name in the bag; the contract's where the bag lacks it.
        kind: its message type in the bag, None where the bag lacks it.
        count: messages in the bag, read or not.
        absent: why the bag lacks it, in words.
        receive_ns, header_ns: (N,) stamps of the messages that were read; 0 where there is no header.
        value_ns, values: (M,) and (M, V) of those that had numbers, in contract units.
        repeats: (N,) whether an image equals the one before it, byte for byte.
        refused: stamp and reason of messages that cannot be used.
        unrelated: the same for those of another publisher, which are passed over.
    """

    entry: Entry
    topic: str
    kind: str | None = None
    count: int = 0
    absent: str | None = None
    receive_ns: Any = field(default_factory=list)
    header_ns: Any = field(default_factory=list)
    value_ns: Any = field(default_factory=list)
    values: Any = field(default_factory=list)
    repeats: Any = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    unrelated: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stamps_ns(self) -> np.ndarray:
        """(N,) stamps by which the contract aligns it."""
        return self.header_ns if self.entry.align.timeline == "header" else self.receive_ns


@dataclass(frozen=True)
class Survey:
    """A bag through a contract's eyes.

    Attributes:
        streams: by the contract's key, observations first.
        begin_ns, end_ns: receive stamps of the first and the last message; 0 where there is none.
        excerpts: what was read of it, None for all.
        contract_note: how the contract inside differs, None where it does not matter, or that there is none.
        damage: what cannot be read at all.
    """

    path: Path
    contract: Contract
    streams: dict[str, Stream]
    begin_ns: int
    end_ns: int
    excerpts: Excerpts | None
    contract_note: str | None
    damage: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """From the first message to the last."""
        return (self.end_ns - self.begin_ns) * 1e-9

    def second(self, stamp_ns: int) -> float:
        """Seconds from the bag's begin to a receive stamp."""
        return (stamp_ns - self.begin_ns) * 1e-9

    def intervals(self, stream: Stream) -> np.ndarray:
        """Seconds from each message to the next, where nothing was left out between them."""
        steps = np.diff(stream.receive_ns)
        if self.excerpts is not None:
            part = stream.receive_ns // self.excerpts.every_ns
            steps = steps[np.diff(part) == 0]
        return steps * 1e-9


def survey(bag: Bag, contract: Contract, namespace: str = "", excerpts: Excerpts | None = None) -> Survey:
    """Go through a bag, or through excerpts of it. What the bag lacks is said by its stream."""
    entries = (*contract.observations.items(), *contract.actions.items())
    streams = {key: _stream(bag, entry, namespace) for key, entry in entries}
    listeners: dict[str, list[_Listener]] = {}
    for stream in streams.values():
        if stream.kind is not None and (stream.kind == stream.entry.channel.type or stream.entry.is_image):
            listeners.setdefault(stream.topic, []).append(_Listener(stream))
    for item in bag.messages(listeners, excerpts or ALL):
        for listener in listeners[item.topic]:
            listener.hear(item.message, item.stamp_ns)
    for stream in streams.values():
        _pack(stream)
    stamps = np.concatenate([stream.receive_ns for stream in streams.values()])
    begin_ns, end_ns = (int(stamps.min()), int(stamps.max())) if len(stamps) else (0, 0)
    note = _contract_note(bag, contract)
    return Survey(bag.path, contract, streams, begin_ns, end_ns, excerpts, note, tuple(bag.damage))


class _Listener:
    """Fills a stream, message by message."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._before: np.ndarray | None = None

    def hear(self, message: Any, stamp_ns: int) -> None:
        stream = self._stream
        stream.receive_ns.append(stamp_ns)
        stream.header_ns.append(_header_ns(message))
        try:
            if stream.entry.is_image:
                self._look(message)
            else:
                stream.values.append(read_values(stream.entry, message))
                stream.value_ns.append(stamp_ns)
        except UnrelatedMessage as error:
            stream.unrelated.append((stamp_ns, str(error)))
        except StreamError as error:
            stream.refused.append((stamp_ns, str(error)))

    def _look(self, message: Any) -> None:
        data = np.frombuffer(getattr(message, "data", b""), np.uint8)
        self._stream.repeats.append(self._before is not None and _equal(data, self._before))
        self._before = data
        check_image(message)


def _equal(first: np.ndarray, second: np.ndarray) -> bool:
    if first.size != second.size:
        return False
    blocks = range(0, first.size, BLOCK)
    return all(np.array_equal(first[at : at + BLOCK], second[at : at + BLOCK]) for at in blocks)


def _stream(bag: Bag, entry: Entry, namespace: str) -> Stream:
    try:
        topic = bag.topics[bag.resolve(entry.channel.topic, namespace)]
    except BagError as error:
        return Stream(entry, entry.channel.topic, absent=str(error))
    return Stream(entry, topic.name, topic.kind, topic.count)


def _pack(stream: Stream) -> None:
    for name in ("receive_ns", "header_ns", "value_ns"):
        setattr(stream, name, np.array(getattr(stream, name), np.int64))
    stream.values = np.array(stream.values, float).reshape(len(stream.values), len(stream.entry.select))
    stream.repeats = np.array(stream.repeats, bool)


def _header_ns(message: Any) -> int:
    header = getattr(message, "header", None)
    return 0 if header is None else header.stamp.sec * 1_000_000_000 + header.stamp.nanosec


def _contract_note(bag: Bag, contract: Contract) -> str | None:
    if bag.contract_text is None:
        return "the bag has no contract"
    try:
        return Contract.parse(bag.contract_text, name=f"{bag.path}: its contract").difference(contract)
    except ContractError as error:
        return str(error)
