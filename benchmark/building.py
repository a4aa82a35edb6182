"""A large building of many rooms, as a robot would remember it that had been everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from jepa_ros.memory.table import NOWHERE, row_type
from jepa_ros.world_model import WorldModel

ROOM = 32  # places along a room's wall
DOOR = 4  # places that a door is wide
ASKEW = 0.25  # of the way between two places: how far they are from a regular grid
DIAGONAL = 0.5  # share of the diagonal moves that were made, so that a place has six moves
STEPS_PER_WAVE = (60.0, 600.0)  # places along one wave of what the views are made of


@dataclass(frozen=True)
class Building:
    """``points`` (M, 2) of places, neighbours about one control period apart, and the ``records`` (M,) of them.

    Views are latents (N·D,) of a model's size: waves of many lengths over the plane, of random phases.
    """

    points: np.ndarray
    records: np.ndarray
    waves: np.ndarray
    phases: np.ndarray
    scale: float

    def view(self, points: np.ndarray) -> np.ndarray:
        """What is seen from points (..., 2): (..., N·D)."""
        return (self.scale * np.cos(points @ self.waves + self.phases)).astype(np.float32)


def building(model: WorldModel, size: int, seed: int = 0) -> Building:
    """A square building of about ``size`` places, the views of neighbours a tolerance apart."""
    random = np.random.default_rng(seed)
    side = round(size**0.5)
    rows, columns = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    points = np.stack([columns, rows], axis=1) + random.uniform(-ASKEW, ASKEW, (side * side, 2))
    records = np.zeros(len(points), row_type(model.architecture.flat_size, model.architecture.state_size))
    house = Building(points, records, *_looks(model, random))
    records["stamp"], records["visits"], records["pose"] = np.arange(len(points)), 1, np.nan
    records["latent"], records["ends"] = house.view(points), NOWHERE
    for slot, direction in enumerate(direction for direction in product((-1, 0, 1), repeat=2) if any(direction)):
        _lead(records, points, slot, side, *direction, random)
    return house


def _looks(model: WorldModel, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Waves (2, N·D), phases (N·D,) and the amplitude with which a step changes the view by a tolerance on average."""
    size = model.architecture.flat_size
    angle, length = random.uniform(0, 2 * np.pi, size), np.exp(random.uniform(*np.log(STEPS_PER_WAVE), size))
    waves = 2 * np.pi / length * np.stack([np.cos(angle), np.sin(angle)])
    step = np.sqrt((waves**2).sum() / 4)
    tolerance = model.calibration.tolerance * model.calibration.distance_scale
    return waves, random.uniform(0, 2 * np.pi, size), float(tolerance / step)


def _lead(
    records: np.ndarray, points: np.ndarray, slot: int, side: int, down: int, right: int, random: np.random.Generator
) -> None:
    """Enter the moves in one direction that no wall is in the way of."""
    starts = np.arange(len(points))
    row, column = starts // side + down, starts % side + right
    inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
    free = _open(starts // side, row, column) & _open(starts % side, column, row)
    made = inside & free & ((down * right == 0) | (random.random(len(points)) < DIAGONAL))
    starts, ends = starts[made], (row * side + column)[made]
    records["ends"][starts, slot], records["times"][starts, slot] = ends, 1
    records["periods"][starts, slot] = np.linalg.norm(points[ends] - points[starts], axis=1)


def _open(before: np.ndarray, after: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Whether a step stays on its side of the walls, or goes through a door in the middle of one."""
    door = np.abs(along % ROOM - ROOM / 2) <= DOOR / 2
    return (before // ROOM == after // ROOM) | door
