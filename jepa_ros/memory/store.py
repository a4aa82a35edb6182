"""A memory on disk: an SQLite file that is whole after every crash.

Each node is one row: its record (see :mod:`jepa_ros.memory.table`) and a checksum. Thumbnails have a table of their
own, so that opening a memory doesn't read them. A transaction is either in the file or not, whatever kills the process.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from jepa_ros.memory.errors import MemoryError_
from jepa_ros.world_model import WorldModel

FORMAT = "jepa_ros memory, version 1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nodes (id INTEGER PRIMARY KEY, record BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS thumbnails (id INTEGER PRIMARY KEY, jpeg BLOB NOT NULL);
"""


def about(model: WorldModel) -> dict[str, str]:
    """What a file says of the model whose latents are in it."""
    sizes = (model.architecture.flat_size, model.architecture.state_size)
    return {"model": model.name, "sizes": "a latent of {} and a state of {} numbers".format(*sizes)}


class Store:
    """One memory's file; ``None`` for a path keeps it in working memory only.

    Safe to use from several threads, one at a time. Raises MemoryError_ for a file that is damaged, of another model or
    in use by another process.
    """

    def __init__(self, path: Path | None, about: Mapping[str, str]):
        self._path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path or ":memory:", timeout=1.0, check_same_thread=False)
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")  # one process writes, none reads what is half old
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.executescript(SCHEMA)
            self._introduce({"format": FORMAT, **about})
        except (sqlite3.Error, OSError) as error:
            raise self._refusal(error) from error

    def load(self, kind: np.dtype) -> tuple[np.ndarray, np.ndarray]:
        """All nodes (M,), ascending, and their records (M,) of ``kind``. Raises MemoryError_ where one is damaged."""
        try:
            self._check()
            rows = self._database.execute("SELECT id, record, checksum FROM nodes ORDER BY id").fetchall()
        except sqlite3.Error as error:
            self._database.close()
            raise self._refusal(error) from error
        for row in rows:
            if not _whole(*row, kind.itemsize):
                self._database.close()
                raise self._refusal(f"node {row[0]} is not what was written")
        nodes = np.array([row[0] for row in rows], np.int64)
        return nodes, np.frombuffer(b"".join(row[1] for row in rows), kind)

    def save(
        self, nodes: np.ndarray, records: np.ndarray, thumbnails: Mapping[int, bytes], forgotten: Iterable[int]
    ) -> None:
        """Write these nodes and forget others, all or nothing. Raises MemoryError_ where that fails."""
        packed = ((int(node), record.tobytes()) for node, record in zip(nodes, records))
        rows = [(node, record, zlib.crc32(record, node)) for node, record in packed]
        gone = [(int(node),) for node in forgotten]
        try:
            with self._database:
                self._database.executemany("DELETE FROM nodes WHERE id = ?", gone)
                self._database.executemany("DELETE FROM thumbnails WHERE id = ?", gone)
                self._database.executemany("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?)", rows)
                self._database.executemany("INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", thumbnails.items())
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    def thumbnail(self, node: int) -> bytes | None:
        """A node's picture (JPEG), None where it has none."""
        found = self._database.execute("SELECT jpeg FROM thumbnails WHERE id = ?", (node,)).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Close the file; what was saved stays."""
        self._database.close()

    def _introduce(self, about: Mapping[str, str]) -> None:
        """Mark a new file with what it is of; refuse one that is of something else."""
        known = dict(self._database.execute("SELECT key, value FROM about"))
        for key, value in about.items():
            if known and known.get(key) != value:
                self._database.close()
                raise self._refusal(f"its {key} is {known.get(key, 'missing')}, not {value}")
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", about.items())

    def _check(self) -> None:
        """Raise sqlite3.Error where the tree of nodes doesn't hang together."""
        found = self._database.execute("PRAGMA quick_check('nodes')").fetchone()
        if found != ("ok",):
            raise sqlite3.DatabaseError(found[0])

    def _refusal(self, why: object) -> MemoryError_:
        if "locked" in str(why):
            return MemoryError_(f"memory {self._path} is in use by another process; stop that one, or choose another")
        return MemoryError_(f"memory {self._path} can't be used: {why}; move it away, and a new one is begun")


def _whole(node: object, record: object, checksum: object, size: int) -> bool:
    return isinstance(record, bytes) and len(record) == size and node >= 0 and zlib.crc32(record, node) == checksum
