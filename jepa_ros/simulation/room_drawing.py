"""The picture of a furnished room from above: a wooden floor, rugs, and furniture with soft shadows."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from jepa_ros.simulation.furniture import ROOM, WALL, Layout, Piece, Rug, corners
from jepa_ros.simulation.furniture_drawing import PAINTERS, Brush, Canvas

SCALE = 128.0  # px per m in the picture of 480 x 640
OVERSIZE = 2  # drawn so many times larger and shrunk, which smooths all edges
SHADOW = (0.035, -0.045)  # m, from where the lamp is
SHADE = 0.38

FLOOR = (214, 190, 158)
WALLS, SKIRTING = (241, 238, 232), (204, 197, 186)
RUG, RUG_EDGE, RUG_LINE = (176, 92, 84), (139, 66, 62), (216, 170, 142)


@lru_cache(maxsize=16)
def draw_room(layout: Layout, size: tuple[int, int] = (480, 640)) -> np.ndarray:
    """The empty room: uint8 (height, width, 3) RGB, read-only."""
    height, width = size
    canvas = Canvas((height * OVERSIZE, width * OVERSIZE), width / 640 * SCALE * OVERSIZE)
    _floor(canvas)
    for rug in layout.rugs:
        _rug(canvas, rug)
    _shadows(canvas, layout.pieces)
    # Chairs stand half under tables
    for piece in sorted(layout.pieces, key=lambda piece: piece.kind != "chair"):
        PAINTERS[piece.kind](Brush(canvas, piece))
    _walls(canvas)
    image = cv2.resize(canvas.image, (width, height), interpolation=cv2.INTER_AREA)
    image.flags.writeable = False
    return image


def _floor(canvas: Canvas) -> None:
    """Planks along x, each of its own shade, with staggered joints."""
    height, width = canvas.image.shape[:2]
    random = np.random.default_rng(0)
    plank = max(4, round(0.16 * canvas.scale))
    for top in range(0, height, plank):
        shade = np.repeat(random.normal(0, 3.0, 6), -(-width // 6))[:width]
        shade = np.roll(shade, random.integers(width))
        joint = np.abs(np.diff(shade, prepend=shade[0])) > 0
        row = np.array(FLOOR) + shade[:, None] - 22.0 * joint[:, None]
        canvas.image[top : top + plank] = np.clip(row, 0, 255)
        canvas.image[top : top + max(1, OVERSIZE - 1)] = np.array(FLOOR) * 0.86


def _rug(canvas: Canvas, rug: Rug) -> None:
    layers = ((0.0, RUG_EDGE), (0.05, RUG), (0.14, RUG_LINE), (0.165, RUG), (0.24, RUG_LINE), (0.25, RUG))
    for inset, colour in layers:
        a, b = rug.width / 2 - inset, rug.depth / 2 - inset
        canvas.polygon(
            [(rug.x - a, rug.y - b), (rug.x + a, rug.y - b), (rug.x + a, rug.y + b), (rug.x - a, rug.y + b)], colour
        )


def _shadows(canvas: Canvas, pieces: tuple[Piece, ...]) -> None:
    """Darken the floor beside everything that stands on it."""
    mask = np.zeros(canvas.image.shape[:2], np.uint8)
    for piece in pieces:
        if piece.is_round:
            x, y = canvas.pixel(piece.x + SHADOW[0], piece.y + SHADOW[1])
            cv2.circle(mask, (round(x), round(y)), round(piece.size[0] / 2 * canvas.scale), 255, -1)
        else:
            points = [canvas.pixel(x + SHADOW[0], y + SHADOW[1]) for x, y in corners(piece)]
            cv2.fillConvexPoly(mask, np.array(points).round().astype(int), 255)
    mask = cv2.GaussianBlur(mask, (0, 0), 0.045 * canvas.scale)
    light = 1.0 - SHADE * mask[..., None] / 255.0
    canvas.image[:] = canvas.image * light


def _walls(canvas: Canvas) -> None:
    width, depth = ROOM
    for inset, colour in ((WALL, SKIRTING), (WALL - 0.02, WALLS)):
        for left, low, right, high in (
            (0, 0, width, inset),
            (0, depth - inset, width, depth),
            (0, 0, inset, depth),
            (width - inset, 0, width, depth),
        ):
            canvas.polygon([(left, low), (right, low), (right, high), (left, high)], colour)
