"""Bags: what a robot's topics carried, in the order in which it was received.

A bag is one recording: a rosbag2 directory (MCAP or SQLite, split into files, compressed) or one of its files
alone.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jepa_ros.data.bag_writer import CONTRACT_KEY, CONTRACT_TOPIC, PARTIAL, BagError, BagWriter, partial_paths
from jepa_ros.data.excerpts import Excerpts
from jepa_ros.data.mcap import RawMessage
from jepa_ros.data.messages import MessageError, Messages
from jepa_ros.data.storage import Storage, is_storage, read_layout

__all__ = ["Bag", "BagError", "BagMessage", "BagWriter", "Topic", "find_bags", "read_bag"]

MAX_REPORTS = 20


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

    Attributes:
        path: the directory or file.
        topics: the topics by name.
        damage: sentences about what cannot be read; complete only after all messages were read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        _check_exists(self.path)
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

    def messages(self, topics: Collection[str] | None = None, excerpts: Excerpts | None = None) -> Iterator[BagMessage]:
        """Messages of the named topics (all by default) in the order in which they were received.

        With `excerpts` only those in them are read from the disk and unpacked.

        Their arrays are views of the file's memory: copy what must outlive the loop and is small.

        Raises:
            BagError: a topic is not in the bag.
        """
        names = list(self.topics) if topics is None else [self.resolve(topic) for topic in topics]
        return self._read(set(names), excerpts)

    def close(self) -> None:
        """Close the bag's files."""
        for file in self._files:
            file.close()

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, names: set[str], excerpts: Excerpts | None) -> Iterator[BagMessage]:
        for raw in heapq.merge(*(file.messages(names, excerpts) for file in self._files), key=_stamp):
            try:
                message = self._messages.deserialize(raw.kind, raw.data)
            except MessageError as error:
                self._own_damage.append(f"{raw.topic} at stamp {raw.stamp_ns} ns: {error}")
                continue
            yield BagMessage(raw.topic, message, raw.stamp_ns)

    def _inventory(self) -> str:
        return ", ".join(f"{topic.name} ({topic.kind}, {topic.count})" for topic in self.topics.values())


def read_bag(path: str | Path) -> Bag:
    """Open a rosbag2 directory or a bare .mcap or .db3 file.

    Raises:
        BagError: nothing there can be read; a bag that is merely damaged opens and says so in `damage`.
    """
    return Bag(path)


def find_bags(paths: Sequence[str | Path]) -> list[Path]:
    """The bags that the paths name: bags themselves and directories of bags, each bag once, in order.

    Recordings that are still going on or were cut off count only where they are named themselves.

    Raises:
        BagError: a path does not exist or holds no bag.
    """
    bags: dict[Path, None] = {}
    for path in map(Path, paths):
        _check_exists(path)
        if not path.is_dir() or any(is_storage(file) for file in path.iterdir()):
            found = [path]
        else:
            folders = sorted({file.parent for file in path.rglob("*") if is_storage(file)})
            found = [folder for folder in folders if PARTIAL not in folder.parent.name]
        if not found:
            raise BagError(f"{path} holds no bag")
        bags.update(dict.fromkeys(found))
    return list(bags)


def _check_exists(path: Path) -> None:
    if path.exists():
        return
    unfinished = partial_paths(path)
    hint = f"; an unfinished recording of it is at {', '.join(map(str, unfinished))}" if unfinished else ""
    raise BagError(f"{path} does not exist{hint}")


def _stamp(message: RawMessage) -> int:
    return message.stamp_ns
