"""What stands in a room, as seen from above: pieces of furniture and the solids that a robot runs into.

The room's frame is that of a map: origin in the lower left corner of the picture, x to the right, y up, metres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

ROOM = (5.0, 3.75)  # m, x and y
WALL = 0.1  # m, thickness of the walls, inside the room's size

#: Kind of piece → (along x, along y) in m at angle zero, and whether it is round. All are solid but the rug.
SIZES: dict[str, tuple[float, float]] = {
    "sofa": (1.7, 0.72),
    "armchair": (0.72, 0.7),
    "coffee_table": (0.9, 0.5),
    "dining_table": (1.5, 0.85),
    "round_table": (0.84, 0.84),
    "chair": (0.4, 0.4),
    "bookshelf": (1.2, 0.28),
    "sideboard": (1.4, 0.36),
    "desk": (1.3, 0.6),
    "bed": (1.9, 1.4),
    "plant": (0.4, 0.4),
    "divider": (1.4, 0.14),
}
ROUND = ("round_table", "plant")


@dataclass(frozen=True)
class Piece:
    """A piece of furniture: its kind (see SIZES), its centre in m, and its turn in rad, positive to the left.

    ``length`` is its extent along its own x where that is not the usual one.
    """

    kind: str
    x: float
    y: float
    angle: float = 0.0
    length: float | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Extent (m) along its own x and y."""
        usual, depth = SIZES[self.kind]
        return usual if self.length is None else self.length, depth

    @property
    def is_round(self) -> bool:
        return self.kind in ROUND


@dataclass(frozen=True)
class Rug:
    """A carpet: centre and size in m. One drives over it."""

    x: float
    y: float
    width: float
    depth: float


@dataclass(frozen=True)
class Layout:
    """A furnished room."""

    name: str
    pieces: tuple[Piece, ...]
    rugs: tuple[Rug, ...] = ()

    def moved(self, index: int, x: float, y: float) -> Layout:
        """The same room with the piece of this index moved to (x, y)."""
        pieces = list(self.pieces)
        pieces[index] = replace(pieces[index], x=x, y=y)
        return replace(self, pieces=tuple(pieces))

    def indices(self, kind: str) -> list[int]:
        """Where the pieces of a kind stand in ``pieces``."""
        return [index for index, piece in enumerate(self.pieces) if piece.kind == kind]


class Solids:
    """Everything solid in a room, walls included, as rectangles with rounded corners.

    A disc is a rectangle of no size whose corners are round.

    Args:
        layout: the room.
    """

    def __init__(self, layout: Layout) -> None:
        shapes = [_shape(piece) for piece in layout.pieces] + _walls()
        centre, half, angle, rounding = zip(*shapes)
        self._centre, self._half, self._rounding = np.array(centre), np.array(half), np.array(rounding)
        self._cos, self._sin = np.cos(angle), np.sin(angle)

    def distances(self, points: np.ndarray) -> np.ndarray:
        """Distance (..., K) of points (..., 2) from the outline of each of K solids in m, negative inside."""
        return self._measure(np.asarray(points, float))[0]

    def nearest(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Distance of a point (2,) from the nearest solid, and the unit vector (2,) that leads away from it."""
        distances, beyond, inside, side = self._measure(np.asarray(point, float))
        index = int(distances.argmin())
        away = beyond[index]
        length = math.hypot(*away)
        if length < 1e-9:  # inside the rectangle: out by the nearest side
            axis = int(inside[index].argmax())
            away, length = np.eye(2)[axis], 1.0
        x, y = away * side[index] / length
        cos, sin = self._cos[index], self._sin[index]
        return float(distances[index]), np.array([cos * x - sin * y, sin * x + cos * y])

    def _measure(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Distances (..., K) of points (..., 2), and three (..., K, 2) along each solid's own axes.

        These are how far a point lies beyond the rectangle's sides, the same but negative within, and on which side
        of the centre it is (±1).
        """
        offset = points[..., None, :] - self._centre
        x = self._cos * offset[..., 0] + self._sin * offset[..., 1]
        y = self._cos * offset[..., 1] - self._sin * offset[..., 0]
        own = np.stack([x, y], -1)
        inside = np.abs(own) - self._half
        beyond = np.maximum(inside, 0.0)
        distances = np.hypot(beyond[..., 0], beyond[..., 1]) + np.minimum(inside.max(-1), 0.0) - self._rounding
        return distances, beyond, inside, np.where(own >= 0, 1.0, -1.0)


Shape = tuple[tuple[float, float], tuple[float, float], float, float]


def _shape(piece: Piece) -> Shape:
    length, depth = piece.size
    if piece.is_round:
        return (piece.x, piece.y), (0.0, 0.0), 0.0, length / 2
    rounding = 0.04
    return (piece.x, piece.y), (length / 2 - rounding, depth / 2 - rounding), piece.angle, rounding


def _walls() -> list[Shape]:
    """Four slabs around the room, thick enough that nothing passes them."""
    width, depth = ROOM
    thick = 1.0
    across, along = (width / 2 + thick, thick), (thick, depth / 2 + thick)
    return [
        ((width / 2, WALL - thick), across, 0.0, 0.0),
        ((width / 2, depth - WALL + thick), across, 0.0, 0.0),
        ((WALL - thick, depth / 2), along, 0.0, 0.0),
        ((width - WALL + thick, depth / 2), along, 0.0, 0.0),
    ]


def corners(piece: Piece) -> Sequence[tuple[float, float]]:
    """The four corners (m) of a piece's rectangle, counter-clockwise."""
    length, depth = piece.size
    cos, sin = math.cos(piece.angle), math.sin(piece.angle)
    own = [(-length / 2, -depth / 2), (length / 2, -depth / 2), (length / 2, depth / 2), (-length / 2, depth / 2)]
    return [(piece.x + cos * x - sin * y, piece.y + sin * x + cos * y) for x, y in own]
