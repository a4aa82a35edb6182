"""Where the base can be: whether all of it hangs together, straight lines in it, shortest ways through it."""

from __future__ import annotations

import heapq
import math

import cv2
import numpy as np

from jepa_ros.simulation.furniture import ROOM, Layout, Solids
from jepa_ros.simulation.mobile_base import RADIUS

CELL = 0.05  # m
SAMPLE = 0.01  # m between the points of a straight line that are looked at
TOUCH = 0.002  # m: this near to something, the base touches it
ROOMY = 0.01  # m kept from everything by ways on the grid, so that no move between two cells cuts a corner
# The moves of a knight too: with them a way on the grid is at most 2.8 % longer than the true one before it is pulled
# straight
MOVES = [(dy, dx) for dy in (-2, -1, 0, 1, 2) for dx in (-2, -1, 0, 1, 2) if math.gcd(dy, dx) == 1]


class FreeSpace:
    """The positions that a round base can take in a room.

    Args:
        layout: the room.
        margin: m that the base must keep from everything.
    """

    def __init__(self, layout: Layout, margin: float = 0.0) -> None:
        self._solids, self._gap = Solids(layout), RADIUS + margin
        columns, rows = (round(length / CELL) for length in ROOM)
        x, y = (np.arange(columns) + 0.5) * CELL, (np.arange(rows) + 0.5) * CELL
        centres = np.stack(np.meshgrid(x, y), -1)
        #: bool (rows, columns): whether the base can stand on the middle of a cell; row 0 lies at y = 0.
        self.grid = self.free(centres)
        self._roomy = self._solids.distances(centres).min(-1) >= self._gap + ROOMY

    def free(self, points: np.ndarray) -> np.ndarray:
        """Whether the base can be at points (..., 2)."""
        return self._solids.distances(points).min(-1) >= self._gap

    def touching(self, points: np.ndarray) -> np.ndarray:
        """Whether the base touches something at points (..., 2)."""
        return self._solids.distances(points).min(-1) - self._gap <= TOUCH

    @property
    def area(self) -> float:
        """m² that the base's middle can be in."""
        return float(self.grid.sum()) * CELL**2

    @property
    def connected(self) -> bool:
        """Whether from everywhere one can get everywhere."""
        regions, _ = cv2.connectedComponents(self.grid.astype(np.uint8), connectivity=4)
        return regions == 2  # the furniture and one free region

    def sample(self, random: np.random.Generator) -> np.ndarray:
        """A free position (2,), uniform over the free space."""
        while True:
            point = random.uniform((0.0, 0.0), ROOM)
            if self.free(point):
                return point

    def in_line(self, start: np.ndarray, goal: np.ndarray) -> bool:
        """Whether the straight line from `start` (2,) to `goal` (2,) is free."""
        start, goal = np.asarray(start, float), np.asarray(goal, float)
        count = math.ceil(math.dist(start, goal) / SAMPLE) + 1
        return bool(self.free(start + np.linspace(0.0, 1.0, count)[:, None] * (goal - start)).all())

    def shortest_path(self, start: np.ndarray, goal: np.ndarray) -> np.ndarray | None:
        """The shortest free way (N, 2) from `start` to `goal`, both free positions; None where there is none.

        Found on the grid with A* and then pulled straight, so within a few per cent of the true one; at its ends it
        may come a centimetre nearer to something than the base can.
        """
        start, goal = np.asarray(start, float), np.asarray(goal, float)
        if self.in_line(start, goal):
            return np.stack([start, goal])
        cells = self._search(self._cell(start), self._cell(goal))
        if cells is None:
            return None
        points = [start, *((np.array(cell[::-1]) + 0.5) * CELL for cell in cells), goal]
        return self._pulled(self._pulled(points)[::-1])[::-1]

    def _cell(self, point: np.ndarray) -> tuple[int, int]:
        """(row, column) of the roomy cell nearest to a point."""
        rows, columns = np.nonzero(self._roomy)
        nearest = np.hypot((columns + 0.5) * CELL - point[0], (rows + 0.5) * CELL - point[1]).argmin()
        return int(rows[nearest]), int(columns[nearest])

    def _search(self, start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]] | None:
        best, parents = {start: 0.0}, {start: start}
        queue = [(math.dist(start, goal), start)]
        rows, columns = self._roomy.shape
        free = self._roomy.tolist()
        while queue:
            estimate, cell = heapq.heappop(queue)
            if cell == goal:
                return _way_back(parents, goal)
            if estimate > best[cell] + math.dist(cell, goal) + 1e-9:
                continue
            for dy, dx in MOVES:
                row, column = cell[0] + dy, cell[1] + dx
                if not (0 <= row < rows and 0 <= column < columns and free[row][column]):
                    continue
                length = best[cell] + math.hypot(dy, dx)
                if length < best.get((row, column), math.inf) - 1e-9:
                    best[row, column], parents[row, column] = length, cell
                    heapq.heappush(queue, (length + math.dist((row, column), goal), (row, column)))
        return None

    def _pulled(self, points: list[np.ndarray] | np.ndarray) -> np.ndarray:
        """The way with every detour left out that a straight line makes needless."""
        kept, here = [points[0]], 0
        while here < len(points) - 1:
            ahead = len(points) - 1
            while ahead > here + 1 and not self.in_line(points[here], points[ahead]):
                ahead -= 1
            kept.append(points[ahead])
            here = ahead
        return np.array(kept)


def path_length(path: np.ndarray) -> float:
    """Length (m) of a way (N, 2)."""
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def _way_back(parents: dict[tuple[int, int], tuple[int, int]], cell: tuple[int, int]) -> list[tuple[int, int]]:
    way = [cell]
    while parents[cell] != cell:
        cell = parents[cell]
        way.append(cell)
    return way[::-1]
