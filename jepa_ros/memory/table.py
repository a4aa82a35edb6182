"""Everything that memory keeps of its nodes, in columns: a row for each node."""

from __future__ import annotations

import numpy as np

DEGREE = 16  # moves that a node keeps
NOWHERE = -1  # the end of a move that there is not


def row_type(latent_size: int, state_size: int) -> np.dtype:
    """A row: the place, and the moves from it. It is remembered if it was visited."""
    return np.dtype(
        [
            ("stamp", "<i8"),
            ("visits", "<i4"),
            ("pinned", "<i4"),
            ("pose", "<f8", (3,)),
            ("state", "<f4", (state_size,)),
            ("latent", "<f4", (latent_size,)),
            ("ends", "<i4", (DEGREE,)),
            ("periods", "<f4", (DEGREE,)),
            ("times", "<i4", (DEGREE,)),
            ("struck", "?", (DEGREE,)),
        ]
    )


class Table:
    """Columns by name, each (M, ...) and contiguous; they grow by doubling.

    What a column was before it grew is a copy from then on: ask for it anew.
    """

    def __init__(self, kind: np.dtype):
        self.kind = kind
        self._size = 0
        self._columns = {name: np.empty((0, *kind[name].shape), kind[name].base) for name in kind.names}

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name][: self._size]

    def grow(self, size: int) -> None:
        """Have at least so many rows; new ones are of nodes that are not remembered."""
        if size <= self._size:
            return
        if size > len(self._columns["visits"]):
            room = max(size, 2 * self._size, 64)
            self._columns = {name: _roomier(column, room) for name, column in self._columns.items()}
        self._size, fresh = size, slice(self._size, size)
        self["visits"][fresh] = 0
        self["ends"][fresh] = NOWHERE

    def rows(self, nodes: np.ndarray) -> np.ndarray:
        """Copies of the rows of these nodes, as records of ``kind``."""
        records = np.empty(len(nodes), self.kind)
        for name in self.kind.names:
            records[name] = self[name][nodes]
        return records

    def put(self, nodes: np.ndarray, records: np.ndarray) -> None:
        """Overwrite the rows of these nodes."""
        self.grow(int(nodes.max(initial=-1)) + 1)
        for name in self.kind.names:
            self[name][nodes] = records[name]


def _roomier(column: np.ndarray, room: int) -> np.ndarray:
    grown = np.zeros((room, *column.shape[1:]), column.dtype)
    grown[: len(column)] = column
    return grown
