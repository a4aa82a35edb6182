"""The remembered latents that are nearest to another one."""

from __future__ import annotations

import os
import threading
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from usearch.index import Index

from jepa_ros.memory.table import Table

THOROUGH = 256  # candidates that a search keeps: of 100 000 places it misses fewer than one in a hundred
AT_ONCE = 1000  # nodes that may be missing in a kept index and are entered while a memory is opened
LOT = 32  # nodes entered at a time behind the scenes, so that nobody waits for long
STALE = 0.25  # share of the index that forgotten nodes may be before it is made anew
NODE = (1 << 32) - 1  # the bits of a key that say which node; the others say how many had its number before
_NONE = np.empty(0, np.int64)


class Neighbours:
    """Finds the nearest nodes of a table by a graph that is searched greedily (HNSW).

    The graph is kept in a file beside the memory, as a cache: what is missing in it is entered anew, by a thread where
    that takes long, and until then all latents are compared. Forgotten nodes stay in the graph as stepping stones:
    taken out of it, they left others that no search got to. When they are many, the graph is made anew. ``lock`` is
    held by whoever changes the table or searches.

    Source: Y. Malkov and D. Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
    Navigable Small World graphs", 2018.
    """

    def __init__(self, table: Table, lock: threading.RLock, cache: Path | None):
        self._table, self._lock, self._cache = table, lock, cache
        self._index: Index | None = None
        self._ending, self._thread = threading.Event(), None
        self._generation = np.zeros(len(table), np.int64)
        self._growing = self._restored() or self._empty()
        nodes = _alive(table)
        missing = nodes[~self._growing.contains(self._keys(nodes))] if len(nodes) else nodes
        if len(missing) > AT_ONCE:
            self._catch_up_aside(missing)
        else:
            self._enter(missing)
            self._finish()

    def add(self, node: int) -> None:
        """The node is remembered from now on."""
        fresh = len(self._table) - len(self._generation)
        if fresh > 0:
            self._generation = np.append(self._generation, np.zeros(fresh + len(self._table) // 2, np.int64))
        for index in (self._index, self._growing):
            if index is not None:
                index.add(self._keys(np.array([node])), self._table["latent"][[node]], threads=1)

    def remove(self, nodes: list[int]) -> None:
        """These nodes are remembered no more."""
        self._generation[nodes] += 1
        alive = len(_alive(self._table))
        if self._index is not None and self._growing is None and len(self._index) > (1 + STALE) * alive + AT_ONCE:
            self._growing = self._empty()
            self._catch_up_aside(_alive(self._table))

    def search(self, latent: np.ndarray, count: int) -> np.ndarray:
        """Up to ``count`` nodes (K,) nearest to a latent (N·D,), nearest first."""
        if self._index is None:
            return self._exact(latent, count)
        asked = count
        while True:
            keys = self._index.search(latent, asked, threads=1).keys.astype(np.int64) if len(self._index) else _NONE
            nodes = keys & NODE
            nodes = nodes[self._generation[nodes] == keys >> 32][:count]
            if len(nodes) == count or asked >= len(self._index):
                return nodes
            asked = min(4 * asked, len(self._index))

    def settle(self) -> None:
        """Wait until all nodes are entered, and write the cache."""
        if self._thread:
            self._thread.join()
        self._save()

    def close(self) -> None:
        """End what goes on behind the scenes, and write the cache."""
        self._ending.set()
        self.settle()

    def _exact(self, latent: np.ndarray, count: int) -> np.ndarray:
        nodes = _alive(self._table)
        apart = np.square(self._table["latent"][nodes] - latent).sum(axis=1)
        nearest = np.argpartition(apart, min(count, len(nodes)) - 1)[:count] if len(nodes) else _NONE
        return nodes[nearest[np.argsort(apart[nearest])]]

    def _keys(self, nodes: np.ndarray) -> np.ndarray:
        return (self._generation[nodes] << 32 | nodes).astype(np.uint64)

    def _empty(self) -> Index:
        size = self._table["latent"].shape[1]
        return Index(ndim=size, metric="l2sq", dtype="f32", expansion_search=THOROUGH)

    def _enter(self, nodes: np.ndarray) -> None:
        if len(nodes):
            self._growing.add(self._keys(nodes), self._table["latent"][nodes], threads=1)

    def _finish(self) -> None:
        self._index, self._growing = self._growing, None

    def _catch_up_aside(self, nodes: np.ndarray) -> None:
        self._thread = threading.Thread(target=self._catch_up, args=(nodes,), name="neighbours", daemon=True)
        self._thread.start()

    def _catch_up(self, nodes: np.ndarray) -> None:
        for begin in range(0, len(nodes), LOT):
            if self._ending.is_set():
                return
            with self._lock:
                part = nodes[begin : begin + LOT]
                part = part[self._table["visits"][part] > 0]
                self._enter(part[~self._growing.contains(self._keys(part))] if len(part) else part)
        with self._lock:
            self._finish()

    def _save(self) -> None:
        """Write the cache, aside first; where that fails there is none."""
        if self._cache is None or self._index is None:
            return
        content, aside = bytes(self._index.save()), self._cache.with_suffix(".new")
        with suppress(OSError):
            aside.write_bytes(zlib.crc32(content).to_bytes(4, "little") + content)
            os.replace(aside, self._cache)

    def _restored(self) -> Index | None:
        """The kept index, as far as it is whole; what is in it of other latents counts as forgotten."""
        try:
            content = self._cache.read_bytes() if self._cache else b""
        except OSError:
            return None
        if len(content) <= 4 or zlib.crc32(content[4:]) != int.from_bytes(content[:4], "little"):
            return None
        index = self._empty()
        index.load(content[4:])
        keys = np.asarray(index.keys).astype(np.uint64)
        nodes, generations = (keys & np.uint64(NODE)).astype(np.int64), (keys >> np.uint64(32)).astype(np.int64)
        if len(keys):
            self._generation = np.zeros(max(len(self._table), int(nodes.max()) + 1), np.int64)
            np.maximum.at(self._generation, nodes, generations)
            newest = (generations == self._generation[nodes]) & (nodes < len(self._table))
            stale = newest.nonzero()[0]
            other = (index.get(keys[stale]) != self._table["latent"][nodes[stale]]).any(axis=1)
            self._generation[nodes[stale[other]]] += 1
        return index


def _alive(table: Table) -> np.ndarray:
    return np.flatnonzero(table["visits"] > 0)
