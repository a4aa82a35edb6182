"""How each piece of furniture looks from above."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from jepa_ros.simulation.furniture import Piece

Colour = tuple[int, int, int]

SOFA, CUSHION, PILLOW = (92, 112, 108), (116, 138, 132), (222, 186, 110)
WOOD, DARK_WOOD, PALE_WOOD = (158, 112, 72), (112, 76, 48), (196, 154, 108)
LINEN, BLANKET = (238, 234, 226), (126, 142, 128)
POT, LEAF, DARK_LEAF = (176, 104, 72), (88, 142, 78), (58, 104, 58)
BOOKS = ((150, 78, 66), (196, 160, 92), (92, 116, 96), (110, 94, 84), (206, 196, 176))
SCREEN, PAPER, BOWL = (52, 54, 58), (236, 232, 220), (214, 132, 88)
PANEL_RIM = (204, 197, 186)


class Canvas:
    """An image that is drawn on in metres of the room's frame.

    Args:
        size: (height, width) in pixels; what is on it at first is undefined.
        scale: px per m.
    """

    def __init__(self, size: tuple[int, int], scale: float) -> None:
        self.image = np.empty((*size, 3), np.uint8)
        self.scale = scale

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        return x * self.scale, self.image.shape[0] - y * self.scale

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        cv2.fillPoly(self.image, [_fixed([self.pixel(*point) for point in points])], colour, cv2.LINE_AA, 4)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        centre = _fixed([self.pixel(x, y)])[0]
        cv2.circle(self.image, centre.tolist(), round(radius * self.scale * 16), colour, -1, cv2.LINE_AA, 4)


class Brush:
    """Draws a piece in its own frame: centre at zero, x along its length, its back at y > 0."""

    def __init__(self, canvas: Canvas, piece: Piece) -> None:
        self.canvas = canvas
        self.length, self.depth = piece.size
        self.piece = piece
        self._cos, self._sin = math.cos(piece.angle), math.sin(piece.angle)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.piece.x + self._cos * x - self._sin * y, self.piece.y + self._sin * x + self._cos * y

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        self.canvas.disc(*self.at(x, y), radius, colour)

    def block(self, x: float, y: float, length: float, depth: float, colour: Colour, round_by: float = 0.03) -> None:
        """A rectangle about (x, y) with rounded corners."""
        a, b = length / 2 - round_by, depth / 2 - round_by
        turns = np.linspace(0, math.pi / 2, 6)
        outline = []
        for quarter, (cx, cy) in enumerate([(a, b), (-a, b), (-a, -b), (a, -b)]):
            for turn in turns + quarter * math.pi / 2:
                outline.append(self.at(x + cx + round_by * math.cos(turn), y + cy + round_by * math.sin(turn)))
        self.canvas.polygon(outline, colour)

    def board(self, colour: Colour, rim: Colour, edge: float = 0.02, round_by: float = 0.03) -> None:
        """The whole piece as a slab with a rim."""
        self.block(0, 0, self.length, self.depth, rim, round_by)
        self.block(0, 0, self.length - 2 * edge, self.depth - 2 * edge, colour, round_by)


def _sofa(brush: Brush) -> None:
    length, depth = brush.length, brush.depth
    seats = 2 if length > 1 else 1
    brush.block(0, 0, length, depth, darker(SOFA), 0.08)
    brush.block(0, 0, length - 0.03, depth - 0.03, SOFA, 0.07)
    inner = length - 0.36
    for seat in range(seats):
        x = (seat + 0.5) * inner / seats - inner / 2
        brush.block(x, -0.08, inner / seats - 0.015, depth - 0.24, darker(SOFA), 0.05)
        brush.block(x, -0.08, inner / seats - 0.04, depth - 0.265, CUSHION, 0.05)
    for side in range(seats):
        brush.block((-1 if side else 1) * (inner / 2 - 0.13) * (seats > 1), 0.12, 0.24, 0.17, PILLOW, 0.05)


def _coffee_table(brush: Brush) -> None:
    brush.board(WOOD, DARK_WOOD)
    _grain(brush)
    brush.block(-0.2 * brush.length, 0.03, 0.2, 0.14, PAPER, 0.01)
    brush.disc(0.22 * brush.length, -0.02, 0.08, BOWL)
    brush.disc(0.22 * brush.length, -0.02, 0.055, darker(BOWL))


def _dining_table(brush: Brush) -> None:
    brush.board(PALE_WOOD, WOOD)
    _grain(brush)
    for x in (-0.27, 0.27):
        for y in (-0.27, 0.27):
            brush.disc(x * brush.length, y * brush.depth, 0.085, LINEN)
            brush.disc(x * brush.length, y * brush.depth, 0.06, darker(LINEN, 0.94))
    brush.disc(0, 0, 0.07, POT)
    _leaves(brush, 0.085, 7)


def _round_table(brush: Brush) -> None:
    radius = brush.length / 2
    brush.disc(0, 0, radius, DARK_WOOD)
    brush.disc(0, 0, radius - 0.025, WOOD)
    brush.disc(0, 0, 0.62 * radius, darker(WOOD, 0.95))
    brush.disc(0, 0, 0.59 * radius, WOOD)
    brush.disc(0.1, 0.06, 0.075, LINEN)
    brush.disc(-0.14, -0.08, 0.05, BOWL)


def _chair(brush: Brush) -> None:
    brush.block(0, 0, brush.length, brush.depth, DARK_WOOD, 0.07)
    brush.block(0, -0.03, brush.length - 0.05, brush.depth - 0.1, CUSHION, 0.06)
    brush.block(0, brush.depth / 2 - 0.035, brush.length - 0.02, 0.06, darker(DARK_WOOD, 0.8), 0.025)


def _bookshelf(brush: Brush) -> None:
    brush.board(DARK_WOOD, darker(DARK_WOOD, 0.8))
    x, place = -brush.length / 2 + 0.03, 0
    while x < brush.length / 2 - 0.06:
        thick = (0.035, 0.05, 0.04, 0.06)[place % 4]
        deep = (0.16, 0.19, 0.14)[place % 3]
        brush.block(x + thick / 2, 0.02, thick - 0.008, deep, BOOKS[place * 2 % 5], 0.004)
        x, place = x + thick, place + 1


def _sideboard(brush: Brush) -> None:
    brush.board(PALE_WOOD, WOOD)
    _grain(brush)
    brush.block(0, 0.04, 0.9, 0.07, SCREEN, 0.015)
    brush.disc(0.58, -0.02, 0.06, BOWL)


def _desk(brush: Brush) -> None:
    brush.board(PALE_WOOD, WOOD)
    _grain(brush)
    brush.block(0, 0.16, 0.55, 0.07, SCREEN, 0.015)
    brush.block(0, -0.08, 0.4, 0.13, LINEN, 0.02)
    brush.block(-0.46, -0.05, 0.2, 0.27, PAPER, 0.01)
    brush.disc(0.48, 0.05, 0.05, BOWL)


def _bed(brush: Brush) -> None:
    brush.block(0, 0, brush.length, brush.depth, DARK_WOOD, 0.05)
    brush.block(0, 0, brush.length - 0.06, brush.depth - 0.06, LINEN, 0.06)
    brush.block(0.22, 0, brush.length - 0.52, brush.depth - 0.05, BLANKET, 0.05)
    brush.block(-0.36, 0, 0.1, brush.depth - 0.05, darker(BLANKET, 1.15), 0.03)
    for y in (-0.32, 0.32):
        brush.block(-0.68, y, 0.36, 0.52, darker(LINEN, 0.9), 0.08)
        brush.block(-0.68, y, 0.33, 0.49, (248, 246, 240), 0.08)


def _plant(brush: Brush) -> None:
    brush.disc(0, 0, 0.13, darker(POT))
    brush.disc(0, 0, 0.115, POT)
    _leaves(brush, brush.length / 2, 11)


def _divider(brush: Brush) -> None:
    brush.board(LINEN, PANEL_RIM, 0.015, 0.02)
    brush.block(0, 0, brush.length - 0.05, 0.03, darker(LINEN, 0.92), 0.01)


PAINTERS: dict[str, Callable[[Brush], None]] = {
    "sofa": _sofa,
    "armchair": _sofa,
    "coffee_table": _coffee_table,
    "dining_table": _dining_table,
    "round_table": _round_table,
    "chair": _chair,
    "bookshelf": _bookshelf,
    "sideboard": _sideboard,
    "desk": _desk,
    "bed": _bed,
    "plant": _plant,
    "divider": _divider,
}


def _leaves(brush: Brush, radius: float, count: int) -> None:
    """Pointed leaves in a rosette, every other one darker and longer."""
    for leaf in range(count):
        angle = leaf * 2.399963  # the golden angle: no two leaves lie over each other
        long = radius * (1.0 if leaf % 2 else 0.82)
        tip, wide = (long * math.cos(angle), long * math.sin(angle)), 0.3 * long
        middle = (0.55 * tip[0], 0.55 * tip[1])
        across = (-math.sin(angle) * wide, math.cos(angle) * wide)
        outline = [(0, 0), (middle[0] + across[0], middle[1] + across[1]), tip]
        outline.append((middle[0] - across[0], middle[1] - across[1]))
        brush.canvas.polygon([brush.at(*point) for point in outline], DARK_LEAF if leaf % 2 else LEAF)
    brush.disc(0, 0, 0.12 * radius, darker(LEAF, 1.15))


def _grain(brush: Brush) -> None:
    for y in np.linspace(-0.36, 0.36, 5):
        brush.block(0, y * brush.depth, brush.length - 0.1, 0.006, darker(WOOD, 1.05), 0.002)


def darker(colour: Colour, share: float = 0.85) -> Colour:
    """The same colour with this share of its light."""
    return tuple(min(255, round(part * share)) for part in colour)


def _fixed(points: list[tuple[float, float]]) -> np.ndarray:
    """Pixel coordinates in the sixteenths that OpenCV takes."""
    return np.round(np.array(points) * 16).astype(np.int32)
