"""Bags: what a robot's topics carried, in the order in which it was received.

A bag is one recording: a rosbag2 directory (MCAP or SQLite, split into files, compressed) or one of its files
alone.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from jepa_ros.contract import Contract, Entry, StreamError, decode_image, read_values
from jepa_ros.contract.images import resize_image
from jepa_ros.data.bags.excerpts import ALL, Excerpts
from jepa_ros.data.bags.messages import MessageError, Messages
from jepa_ros.data.bags.raw import RawMessage
from jepa_ros.data.bags.storage import Storage, Unreadable, is_storage, read_layout
from jepa_ros.data.bags.writer import CONTRACT_KEY, CONTRACT_TOPIC, PARTIAL, BagError, BagWriter, partial_paths
from jepa_ros.data.parallel import Spread, ahead
from jepa_ros.data.recording import Chapter, Reading, Sample

__all__ = ["Bag", "BagError", "BagMessage", "BagWriter", "Topic", "bags_below", "check_exists", "read_bag"]

MAX_REPORTS = 20

Prepare = Callable[[str, Any, int], Any]


class Topic(NamedTuple):
    """One topic of a bag."""

    name: str
    kind: str
    count: int


class BagMessage(NamedTuple):
    """One message and when it was received."""

    topic: str
    message: Any
    stamp_ns: int


class Bag:
    """One recording, open for reading. What is damaged is left out and told in `damage`.

    Args:
        path: the directory or file.
        spread: how `reading` unpacks messages and decodes pictures: `ahead`, on all cores, or `map`, one by one.

    Attributes:
        path: the directory or file.
        topics: the topics by name.
        damage: sentences about what cannot be read; complete only after all messages were read.
    """

    def __init__(self, path: str | Path, spread: Spread = ahead) -> None:
        self.path, self._spread = Path(path), spread
        check_exists(self.path)
        layout = read_layout(self.path)
        self._custom = layout.custom
        self._own_damage = list(layout.damage)
        self._files = [Storage(file, layout.packed_messages) for file in layout.files]
        channels = [channel for file in self._files for channel in file.channels.values()]
        if not channels:
            raise BagError(f"{self.path} is not a bag that can be read: {'; '.join(self.damage) or 'it is empty'}")
        counts: Counter[str] = Counter()
        for file in self._files:
            counts.update({channel.topic: file.counts[key] for key, channel in file.channels.items()})
        self.topics = {
            channel.topic: Topic(channel.topic, channel.kind, counts[channel.topic])
            for channel in sorted(channels, key=lambda channel: channel.topic)
        }
        self._messages = Messages({channel.kind: channel.definition for channel in channels if channel.definition})
        self._own_damage += self._messages.problems

    @property
    def damage(self) -> list[str]:
        """What cannot be read, in words."""
        reports = self._own_damage + [report for file in self._files for report in file.damage]
        reports = list(dict.fromkeys(reports))  # a bag may be read more than once
        more = len(reports) - MAX_REPORTS
        return reports if more <= 0 else [*reports[:MAX_REPORTS], f"and {more} more"]

    @property
    def contract_text(self) -> str | None:
        """The contract under which the bag was recorded, None where it has none."""
        names = [name for name in self.topics if name.endswith(CONTRACT_TOPIC)]
        for message in self.messages(names):
            return message.message.data
        return self._custom.get(CONTRACT_KEY)

    def resolve(self, topic: str, namespace: str = "") -> str:
        """The bag's name of a contract's topic.

        A relative name may stand in any one namespace of the bag, as the robot's nodes did.

        Raises:
            BagError: no topic fits, or several do; the message names those that exist.
        """
        if topic.startswith("/"):
            candidates = [topic]
        else:
            prefix = f"/{namespace.strip('/')}/" if namespace.strip("/") else "/"
            candidates = [prefix + topic]
            if not namespace and candidates[0] not in self.topics:
                candidates = [name for name in self.topics if name.endswith(f"/{topic}")]
        found = [name for name in candidates if name in self.topics]
        if len(found) == 1:
            return found[0]
        if found:
            raise BagError(f"topic {topic!r} stands in several namespaces of {self.path}: {', '.join(found)}")
        raise BagError(f"topic {topic!r} is not in {self.path}; it has {self._inventory()}")

    def messages(self, topics: Collection[str] | None = None, excerpts: Excerpts = ALL) -> Iterator[BagMessage]:
        """Messages of the named topics (all by default) in the order in which they were received.

        With `excerpts` only those in them are read from the disk and unpacked.

        Their arrays are views of the file's memory: copy what must outlive the loop and is small.

        Raises:
            BagError: a topic is not in the bag.
        """
        names = list(self.topics) if topics is None else [self.resolve(topic) for topic in topics]
        return self._read(set(names), _as_it_is, map, excerpts)

    def reading(self, contract: Contract, namespace: str = "") -> Reading:
        """The samples of the contract's topics: one chapter, whose frames are those of the first camera.

        Raises:
            BagError: a topic of the contract is not in the bag, or it stands in several namespaces.
        """
        entries: dict[str, list[tuple[str, Entry]]] = {}
        for key, entry in (*contract.observations.items(), *contract.actions.items()):
            entries.setdefault(self.resolve(entry.channel.topic, namespace), []).append((key, entry))
        counts = {key: self.topics[topic].count for topic, found in entries.items() for key, _ in found}
        clock = next(iter(contract.images), None)
        chapter = Chapter(counts[clock] if clock else 0, self._samples(entries))
        return Reading(clock, sum(counts.values()), [chapter])

    def close(self) -> None:
        """Close the bag's files."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _samples(self, entries: Mapping[str, Sequence[tuple[str, Entry]]]) -> Iterator[Sample]:
        for message in self._read(set(entries), partial(_samples_in, entries), self._spread):
            yield from message.message

    def _read(
        self, names: set[str], prepare: Prepare, spread: Spread, excerpts: Excerpts = ALL
    ) -> Iterator[BagMessage]:
        finish = partial(self._finish, prepare)
        for item in heapq.merge(*(file.messages(names, finish, spread, excerpts) for file in self._files), key=_stamp):
            if isinstance(item, Unreadable):
                self._own_damage.append(item.reason)
            else:
                yield item

    def _finish(self, prepare: Prepare, raw: RawMessage) -> BagMessage | Unreadable:
        try:
            message = self._messages.deserialize(raw.kind, raw.data)
        except MessageError as error:
            return Unreadable(raw.stamp_ns, f"{raw.topic} at stamp {raw.stamp_ns} ns: {error}")
        return BagMessage(raw.topic, prepare(raw.topic, message, raw.stamp_ns), raw.stamp_ns)

    def _inventory(self) -> str:
        return ", ".join(f"{topic.name} ({topic.kind}, {topic.count})" for topic in self.topics.values())


def read_bag(path: str | Path, spread: Spread = ahead) -> Bag:
    """Open a rosbag2 directory or a bare .mcap or .db3 file; `spread` as for `Bag`.

    Raises:
        BagError: nothing there can be read; a bag that is merely damaged opens and says so in `damage`.
    """
    return Bag(path, spread)


def bags_below(path: Path) -> list[Path]:
    """The bag at a path, or those in the folder `path`, in order.

    Recordings that are still going on or were cut off count only where they are named themselves.
    """
    if not path.is_dir() or any(is_storage(file) for file in path.iterdir()):
        return [path]
    folders = sorted({file.parent for file in path.rglob("*") if is_storage(file)})
    return [folder for folder in folders if PARTIAL not in folder.parent.name]


def check_exists(path: Path) -> None:
    """Raise BagError where nothing is at the path; the message names an unfinished recording of it."""
    if path.exists():
        return
    unfinished = partial_paths(path)
    hint = f"; an unfinished recording of it is at {', '.join(map(str, unfinished))}" if unfinished else ""
    raise BagError(f"{path} does not exist{hint}")


def _as_it_is(_topic: str, message: Any, _stamp_ns: int) -> Any:
    return message


def _samples_in(
    entries: Mapping[str, Sequence[tuple[str, Entry]]], topic: str, message: Any, receive_ns: int
) -> list[Sample]:
    header_ns = _header_ns(message)
    return [Sample(key, _reader(entry, message), receive_ns, header_ns) for key, entry in entries[topic]]


def _reader(entry: Entry, message: Any) -> Callable[[], Any]:
    """Gives the value. Pictures are decoded at once, on whichever core this runs, at the size that is kept."""
    if not entry.is_image:
        return partial(read_values, entry, message)
    try:
        picture = resize_image(decode_image(message), entry.size)
    except StreamError as error:
        return partial(_refuse, error)
    return lambda: picture


def _refuse(error: StreamError) -> NoReturn:
    raise error


def _header_ns(message: Any) -> int | None:
    header = getattr(message, "header", None)
    return None if header is None else header.stamp.sec * 1_000_000_000 + header.stamp.nanosec


def _stamp(message: BagMessage | Unreadable) -> int:
    return message.stamp_ns
