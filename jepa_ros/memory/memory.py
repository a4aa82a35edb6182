"""The memory: a graph of the latents that a robot has been through, and of the moves between them."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from jepa_ros.memory.forgetting import forget
from jepa_ros.memory.keeper import Keeper
from jepa_ros.memory.moves import Known, Moves
from jepa_ros.memory.near import Near, nears
from jepa_ros.memory.neighbours import Neighbours
from jepa_ros.memory.pictures import packed, unpacked
from jepa_ros.memory.route import Route
from jepa_ros.memory.sight import Sight
from jepa_ros.memory.store import Store, about
from jepa_ros.memory.table import Table, row_type
from jepa_ros.memory.ways import Ways
from jepa_ros.planning import Goal
from jepa_ros.world_model import WorldModel

# Tolerances: what is nearer to a node is the same place. With half of that, ten minutes of driving leave three
# times as many places and 6 % longer routes; with twice as much, the nearest place is twice as far away.
SAME = 1.0
ALIKE = 4  # nodes that are looked at for the same place
POSES_APART = 0.5  # m: what is known to be so far away is another place, however alike it looks
CAPACITY = 100_000  # places
AT_ONCE = 32  # places that go together when room is made
FILE, CACHE = "memory.sqlite", "neighbours.usearch"


class Memory:
    """A graph of places and moves.

    A node is a place that was perceived. Its number stays the same as long as it is remembered, and is its row in
    ``latents`` (M, N·D), ``states`` (M, S), ``poses`` (M, 3), NaN where unknown, ``stamps`` (M,), ns, of the newest
    visit, and ``visits`` (M,), 0 where no node is remembered under that number. All of these are views of what may
    change with the next sight: ask for them anew. Several threads may use a memory.
    """

    def __init__(self, model: WorldModel, folder: Path | None, capacity: int):
        self.model, self.capacity = model, capacity
        kind = row_type(model.architecture.flat_size, model.architecture.state_size)
        store = Store(folder and folder / FILE, about(model))
        self._table = Table(kind)
        self._table.put(*store.load(kind))
        self._lock = threading.RLock()
        self._keeper = Keeper(store, self._table, self._lock, thread=folder is not None)
        self._moves, self._ways = Moves(self._table), Ways(self._table)
        self._neighbours = Neighbours(self._table, self._lock, folder and folder / CACHE)
        self._free = deque(np.flatnonzero(self.visits == 0).tolist())

    @classmethod
    def open(cls, folder: Path, model: WorldModel, capacity: int = CAPACITY) -> Memory:
        """The memory kept in a folder; a new one where there is none.

        Raises MemoryError_ where it is damaged, of another model, or in use by another process.
        """
        return cls(model, folder, capacity)

    @classmethod
    def apart(cls, model: WorldModel, capacity: int = CAPACITY) -> Memory:
        """A memory that ends with the process."""
        return cls(model, None, capacity)

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """How many places are remembered."""
        return len(self._table) - len(self._free)

    @property
    def latents(self) -> Tensor:
        return torch.from_numpy(self._table["latent"])

    @property
    def states(self) -> np.ndarray:
        return self._table["state"]

    @property
    def poses(self) -> np.ndarray:
        return self._table["pose"]

    @property
    def stamps(self) -> np.ndarray:
        return self._table["stamp"]

    @property
    def visits(self) -> np.ndarray:
        return self._table["visits"]

    def count_moves(self) -> int:
        """How many moves routes may use."""
        with self._lock:
            return self._moves.count(~self._table["struck"])

    def count_predicted(self) -> int:
        """How many of these were never made."""
        with self._lock:
            return self._moves.count(self._untried())

    @property
    def predicted(self) -> np.ndarray:
        """The moves that were never made, nor tried in vain: the nodes (K, 2) that each would lead from and to."""
        with self._lock:
            return self._moves.those(self._untried())

    @property
    def struck_out(self) -> np.ndarray:
        """The moves that proved impossible: the nodes (K, 2) that each would lead from and to."""
        with self._lock:
            return self._moves.those(self._table["struck"])

    def latent(self, node: int) -> Tensor:
        """What was perceived at a node (N, D)."""
        return self.latents[node].clone().unflatten(0, (-1, self.model.architecture.latent_size))

    def thumbnail(self, node: int) -> np.ndarray | None:
        """A picture of a node, uint8 (H, W, 3) RGB, None where it has none."""
        jpeg = self._keeper.picture(node)
        return None if jpeg is None else unpacked(jpeg)

    def illustrate(self, node: int, picture: np.ndarray) -> None:
        """Give a node a picture, uint8 (H, W, 3) RGB; where it is remembered no more nothing happens."""
        jpeg = packed(picture)
        with self._lock:
            if self.visits[node]:
                self._keeper.change(node, jpeg)

    def remember(self, sight: Sight) -> int:
        """The node of what was perceived: one that is the same place, else a new one.

        Raises ValueError where the sight is not finite or not of this memory's model.
        """
        latent, state = sight.numbers(self._table.kind, self.model.name)
        pose = np.array(sight.pose or (np.nan,) * 3)
        with self._lock:
            node = self._same(latent, pose)
            if node is None:
                return self._add(latent, state, pose, sight)
            self._table["visits"][node] += 1
            self._table["stamp"][node] = sight.stamp_ns
            if np.isnan(self._table["pose"][node]).any():
                self._table["pose"][node] = pose
            self._keeper.change(node)
            return node

    def connect(self, start: int, end: int, periods: float) -> None:
        """The robot went from one node to another in so many control periods; of several times, the quickest counts."""
        with self._lock:
            self._moves.experience(start, end, periods)
            self._note(start)

    def expect(self, start: int, end: int, periods: float) -> None:
        """The move is predicted to be possible; nothing changes where the move is known already."""
        with self._lock:
            if self._moves.expect(start, end, periods):
                self._note(start)

    def strike_out(self, start: int, end: int) -> None:
        """The move proved impossible: no route uses it until it is made (``connect``) again."""
        with self._lock:
            self._moves.strike_out(start, end)
            self._ways.forget()
            self._keeper.change(start)

    def reinstate(self, start: int, end: int) -> None:
        """The move was struck out too early: it counts as it did before."""
        with self._lock:
            self._moves.reinstate(start, end)
            self._note(start)

    def pardon(self) -> None:
        """Give all moves that were made once another chance: what stood in the way may be gone."""
        with self._lock:
            pardoned = (self._table["struck"] > 0) & (self._table["times"] > 0)
            self._table["struck"][pardoned] = 0
            self._ways.forget()
            for node in np.flatnonzero(pardoned.any(axis=1)).tolist():
                self._keeper.change(node)

    def pin(self, node: int, pinned: bool = True) -> None:
        """Never forget a node, a saved goal say; or treat it like any other again."""
        with self._lock:
            self._table["pinned"][node] = pinned
            self._keeper.change(node)

    def moves(self, node: int) -> Known:
        """The moves that are known from a node."""
        with self._lock:
            return self._moves.of(node)

    def ends(self, nodes: np.ndarray) -> np.ndarray:
        """Where the moves from nodes (K,) end that are not struck out (K, DEGREE); -1 where there are fewer."""
        with self._lock:
            return self._moves.ends(nodes)

    def between(self, start: int, end: int) -> float:
        """The model's distance between two nodes."""
        return float(self.model.distance(self.latent(start), self.latent(end)))

    def elsewhere(self, node: int, nodes: np.ndarray) -> np.ndarray:
        """Which nodes (K,) are known by their poses to be other places than a node, however alike they look."""
        return _apart(self.poses[nodes], self.poses[node])

    def locate(self, latent: Tensor, count: int = 1) -> list[Near]:
        """The remembered nodes nearest to a latent (N, D), up to ``count``, nearest first."""
        latent = latent.detach().cpu()
        with self._lock:
            nodes = self._neighbours.search(latent.flatten().numpy(), count)
            found = self.latents[nodes].unflatten(1, latent.shape)
        return nears(nodes, self.model.distance(found, latent))

    def nearest(self, goal: Goal, count: int = 1) -> list[Near]:
        """The nodes nearest to any goal, one that asks for part of what is perceived too; looks at all of them."""
        with self._lock:
            nodes = np.flatnonzero(self.visits > 0)
            latents = self.latents[nodes].unflatten(1, (-1, self.model.architecture.latent_size))
            states = torch.from_numpy(self.states[nodes])
        distances = goal.distance(latents.to(self.model.device), lambda: states.to(self.model.device)).cpu()
        order = distances.argsort()[:count]
        return nears(nodes[order.numpy()], distances[order])

    def route(self, start: int, goal: int) -> Route | None:
        """The cheapest moves from one node to another that are not struck out; None where there is no way."""
        with self._lock:
            return self._ways.route(start, goal)

    def to_go(self, goal: int) -> np.ndarray:
        """Control periods (M,) from every node to one on the cheapest way, infinite where there is none.

        Worked out once for a goal, and kept up to date with little effort; anew after a move was struck out.
        """
        with self._lock:
            return self._ways.to_go(goal)

    def periods_among(self, start: int, nodes: np.ndarray) -> np.ndarray:
        """Control periods (K,) from one of some nodes (K,), ascending, to each on the cheapest way through no other."""
        with self._lock:
            return self._ways.periods_among(start, nodes)

    def settle(self) -> None:
        """Wait until whatever goes on behind the scenes is done, and save everything. Raises MemoryError_."""
        self._neighbours.settle()
        self._ways.settle()
        self._keeper.flush()

    def flush(self) -> None:
        """Save what is not in the file yet, rather than within a fraction of a second. Raises MemoryError_."""
        self._keeper.flush()

    def close(self) -> None:
        """Save everything and end. Raises MemoryError_ where saving fails."""
        self._neighbours.close()
        self._keeper.close()

    def _untried(self) -> np.ndarray:
        """Which slots (M, DEGREE) were neither made nor tried in vain."""
        return (self._table["times"] == 0) & ~self._table["struck"]

    def _note(self, start: int) -> None:
        self._ways.change(start)
        self._keeper.change(start)

    def _same(self, latent: np.ndarray, pose: np.ndarray) -> int | None:
        """The nearest node that is the same place."""
        reach = SAME * self.model.calibration.tolerance * self.model.calibration.distance_scale
        for node in self._neighbours.search(latent, ALIKE):
            if np.linalg.norm(self._table["latent"][node] - latent) > reach:
                return None
            if not _apart(self.poses[node], pose):
                return int(node)
        return None

    def _add(self, latent: np.ndarray, state: np.ndarray, pose: np.ndarray, sight: Sight) -> int:
        if len(self) >= self.capacity:
            self._make_room()
        node = self._free.popleft() if self._free else len(self._table)
        self._table.grow(node + 1)
        row = {"latent": latent, "state": state, "pose": pose, "stamp": sight.stamp_ns, "visits": 1, "pinned": 0}
        for name, value in row.items():
            self._table[name][node] = value
        self._neighbours.add(node)
        self._keeper.change(node, None if sight.thumbnail is None else packed(sight.thumbnail))
        return node

    def _make_room(self) -> None:
        """Forget some places. Their numbers are given to others as late as possible."""
        gone, changed = forget(self._table, self._moves, min(AT_ONCE, 1 + self.capacity // AT_ONCE))
        self._free.extend(gone)
        if gone:
            self._neighbours.remove(gone)
        self._ways.forget(gone)
        self._keeper.forget(gone)
        for node in changed:
            self._keeper.change(node)


def _apart(poses: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Which poses (..., 3) are known to be too far from another one (3,) to be the same place."""
    return np.linalg.norm(poses[..., :2] - pose[:2], axis=-1) > POSES_APART
