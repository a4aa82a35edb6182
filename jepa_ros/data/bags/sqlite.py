"""Read the SQLite files of rosbag2, as far as they are whole."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

from jepa_ros.data.bags.excerpts import ALL, Excerpts
from jepa_ros.data.bags.raw import Channel, Finish, Finished, RawMessage
from jepa_ros.data.parallel import Spread

BATCH = 8  # messages that are finished together


class SqliteFile:
    """One .db3 file, with the attributes and methods of McapFile."""

    def __init__(self, path: Path, name: Path) -> None:
        self.name = name
        self.damage: list[str] = []
        self.channels: dict[int, Channel] = {}
        self.counts: Counter[int] = Counter()
        self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        for step in (self._insist, self._read_topics, self._read_definitions, self._count):
            try:
                step()
            except (sqlite3.Error, UnicodeDecodeError) as error:
                self.damage.append(f"{name} is damaged: {error}")

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def messages(
        self, topics: Collection[str], finish: Finish[Finished], spread: Spread, excerpts: Excerpts = ALL
    ) -> Iterator[Finished]:
        """What `finish` makes of each message of the topics, in the order in which they were received.

        `spread` says where: `finish` may be called from several threads.
        """
        rows = self._rows([key for key, channel in self.channels.items() if channel.topic in topics], excerpts)
        batches = iter(lambda: list(islice(rows, BATCH)), [])
        for finished in spread(lambda batch: [finish(message) for message in batch], batches):
            yield from finished

    def _rows(self, wanted: list[int], excerpts: Excerpts) -> Iterator[RawMessage]:
        last_ns = -1
        # The second pass does without the index, and finds what lies behind a damaged page of it
        for order in ("timestamp, id", "id"):
            try:
                for key, stamp_ns, data in self._select(wanted, last_ns, order, excerpts):
                    last_ns = stamp_ns
                    channel = self.channels[key]
                    yield RawMessage(stamp_ns, channel.topic, channel.kind, memoryview(data))
                return
            except sqlite3.Error as error:
                report = f"{self.name}: damaged after stamp {last_ns} ns: {error}"
        self.damage.append(report)

    def _select(self, keys: list[int], after_ns: int, order: str, excerpts: Excerpts) -> sqlite3.Cursor:
        places = ",".join("?" * len(keys))
        return self._database.execute(
            f"SELECT topic_id, timestamp, data FROM messages WHERE topic_id IN ({places}) AND timestamp > ? "
            f"AND timestamp % ? < ? ORDER BY {order}",
            (*keys, after_ns, excerpts.every_ns, excerpts.length_ns),
        )

    def _insist(self) -> None:
        """SQLite refuses a file that was cut off unless it is told to look at what is there."""
        self._database.execute("PRAGMA writable_schema=ON")

    def _read_topics(self) -> None:
        for key, name, kind in self._database.execute("SELECT id, name, type FROM topics"):
            self.channels[key] = Channel(name, kind, "")

    def _read_definitions(self) -> None:
        """Recorders before Iron wrote no definitions."""
        if not self._database.execute("SELECT 1 FROM sqlite_master WHERE name='message_definitions'").fetchone():
            return
        query = "SELECT topic_type, encoded_message_definition FROM message_definitions"
        definitions = dict(self._database.execute(query).fetchall())
        for key, channel in self.channels.items():
            self.channels[key] = channel._replace(definition=definitions.get(channel.kind, ""))

    def _count(self) -> None:
        query = "SELECT topic_id, COUNT(*) FROM messages GROUP BY topic_id"
        self.counts.update(dict(self._database.execute(query).fetchall()))
