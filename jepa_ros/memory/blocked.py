"""Where a robot could not go, and where it was surprised, as a grid that others plan around."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from jepa_ros.memory.poses import Pose

FREE, SURPRISING, BLOCKED = 0, 60, 100  # as in nav_msgs/OccupancyGrid
LASTING = 3  # surprises in a row that mark a place: single ones are often false
LONGEST = 10.0  # m that a move may span; further apart, one of its poses went astray
WIDEST = 2000  # cells of a side; what is further from the newest place than half of that is left out

Cell = tuple[int, int]  # column, row


@dataclass(frozen=True)
class Grid:
    """``cells`` int8 (rows, columns), row 0 lowest; ``origin`` (x, y) in m of its lower left corner."""

    origin: tuple[float, float]
    resolution: float
    cells: np.ndarray


class Surprises:
    """Places where the world lastingly did something else than predicted, until it does what is predicted there."""

    def __init__(self, resolution: float):
        self.resolution = resolution
        self.cells: set[Cell] = set()
        self._in_a_row = 0

    def see(self, pose: Pose, anomalous: bool) -> bool:
        """A verdict at a pose. Whether that changed anything."""
        self._in_a_row = self._in_a_row + 1 if anomalous else 0
        here, before = _cell(pose, self.resolution), len(self.cells)
        if self._in_a_row >= LASTING:
            self.cells.add(here)
        elif not anomalous:
            self.cells.discard(here)
        return len(self.cells) != before


def draw(moves: Iterable[tuple[Pose, Pose]], surprising: Iterable[Cell], resolution: float) -> Grid:
    """A grid of cells of that side (m): moves that proved impossible, each from a pose to another, and surprises.

    A robot has stood where such a move begins, so what blocks it is marked on its further half.
    """
    cells = dict.fromkeys(surprising, SURPRISING)
    for start, end in moves:
        cells |= dict.fromkeys(_further_half(start, end, resolution), BLOCKED)
    if not cells:
        return Grid((0.0, 0.0), resolution, np.zeros((1, 1), np.int8))
    places = np.array(list(cells))
    near = np.abs(places - places[-1]).max(axis=1) < WIDEST // 2
    places, values = places[near], np.array(list(cells.values()), np.int8)[near]
    corner = places.min(axis=0)
    columns, rows = places.max(axis=0) - corner + 1
    grid = np.zeros((rows, columns), np.int8)
    grid[places[:, 1] - corner[1], places[:, 0] - corner[0]] = values
    x, y = (corner * resolution).tolist()
    return Grid((x, y), resolution, grid)


def _further_half(start: Pose, end: Pose, resolution: float) -> list[Cell]:
    """The cells of the way from the middle of a straight line to its end, the one that it begins in left out."""
    if math.dist(start[:2], end[:2]) > LONGEST:
        return []
    count = max(2, math.ceil(math.dist(start[:2], end[:2]) / resolution) + 1)
    shares = np.linspace(0.5, 1.0, count)
    points = [(start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])) for share in shares]
    return [cell for cell in (_cell(point, resolution) for point in points) if cell != _cell(start, resolution)]


def _cell(point: tuple[float, ...], resolution: float) -> Cell:
    return math.floor(point[0] / resolution), math.floor(point[1] / resolution)
