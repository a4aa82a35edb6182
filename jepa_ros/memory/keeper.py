"""Brings what changed in memory to its file, a moment later."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from jepa_ros.memory.errors import MemoryError_
from jepa_ros.memory.store import Store
from jepa_ros.memory.table import Table

INTERVAL = 0.25  # s between writes: what a crash can lose
RETRY = 5.0  # s until it is tried again where writing failed

_log = logging.getLogger(__name__)


class _Changes(NamedTuple):
    """Nodes to write, their pictures, nodes to delete."""

    nodes: set[int]
    pictures: dict[int, bytes]
    forgotten: set[int]


class Keeper:
    """Gathers changes of a table and saves them together, from a thread of its own.

    ``lock`` is held by whoever changes the table. Without a ``thread`` changes are saved when asked for only.
    """

    def __init__(self, store: Store, table: Table, lock: threading.RLock, thread: bool):
        self._store, self._table, self._lock = store, table, lock
        self._changes = _Changes(set(), {}, set())
        self._writing = threading.Lock()
        self._waiting, self._ending = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True) if thread else None
        if self._thread:
            self._thread.start()

    def change(self, node: int, picture: bytes | None = None) -> None:
        """The node's row changed; ``picture`` is its new thumbnail."""
        self._changes.nodes.add(node)
        self._changes.forgotten.discard(node)
        if picture is not None:
            self._changes.pictures[node] = picture
        self._waiting.set()

    def forget(self, nodes: Iterable[int]) -> None:
        """These nodes are no more."""
        for node in nodes:
            self._changes.nodes.discard(node)
            self._changes.pictures.pop(node, None)
            self._changes.forgotten.add(node)
        self._waiting.set()

    def picture(self, node: int) -> bytes | None:
        """A node's thumbnail as it was given, None where it has none."""
        with self._writing:
            return self._changes.pictures.get(node) or self._store.thumbnail(node)

    def flush(self) -> None:
        """Save what changed until now. Raises MemoryError_ where that fails; it is kept for the next time then."""
        with self._writing:
            with self._lock:
                changes, self._changes = self._changes, _Changes(set(), {}, set())
                nodes = np.array(sorted(changes.nodes), np.int64)
                records = self._table.rows(nodes)
            try:
                self._store.save(nodes, records, changes.pictures, changes.forgotten)
            except MemoryError_:
                self._take_back(changes)
                raise

    def close(self) -> None:
        """Save and end. Raises MemoryError_ where saving fails."""
        self._ending.set()
        self._waiting.set()
        if self._thread:
            self._thread.join()
        try:
            self.flush()
        finally:
            self._store.close()

    def _take_back(self, changes: _Changes) -> None:
        with self._lock:
            newer, self._changes = self._changes, changes
            self.forget(newer.forgotten)
            for node in newer.nodes:
                self.change(node, newer.pictures.get(node))

    def _run(self) -> None:
        failed = False
        while not self._ending.is_set():
            self._waiting.wait()
            self._waiting.clear()
            self._ending.wait(RETRY if failed else INTERVAL)
            try:
                self.flush()
                failed = False
            except MemoryError_ as error:
                if not failed:
                    _log.warning("what the robot remembers can't be written at present: %s", error)
                failed = True
