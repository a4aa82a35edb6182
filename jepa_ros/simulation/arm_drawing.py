"""The picture of the planar arm: a light table seen from above, drawn with OpenCV."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

Point = tuple[float, float]
Colour = tuple[int, int, int]

LENGTHS = (124.0, 99.0)  # px of the 480-pixel-high picture: the two links, about 10:8
REFERENCE_HEIGHT = 480.0  # px
SHIFT = 4  # OpenCV takes coordinates as integers; these are sixteenths of a pixel

TABLE = (229, 224, 214)
BASE, BASE_RIM = (58, 62, 70), (38, 41, 47)
UPPER, UPPER_RIM = (221, 92, 48), (158, 58, 26)
FORE, FORE_RIM = (38, 112, 190), (20, 70, 126)
JOINT, JOINT_CAP = (44, 47, 54), (244, 196, 62)
GRIPPER, TIP = (36, 38, 44), (30, 168, 108)


def draw_table(size: tuple[int, int] = (480, 640)) -> np.ndarray:
    """The empty table: uint8 (height, width, 3) RGB, a new array."""
    return _table(size).copy()


def draw_arm(position: np.ndarray, size: tuple[int, int] = (480, 640), on: np.ndarray | None = None) -> np.ndarray:
    """Draw the arm with joint angles `position` (2,) rad.

    Args:
        position: (2,) rad.
        size: (height, width) of the picture, where there is none yet.
        on: the picture to draw on, which is changed; by default a new one of the table.

    Returns:
        uint8 (height, width, 3) RGB. The arm stands in the middle; angle zero points up, positive angles turn
        left. It scales with the picture.
    """
    image = draw_table(size) if on is None else on
    height, width = image.shape[:2]
    pen = _Pen(image, min(height / REFERENCE_HEIGHT, width * 0.75 / REFERENCE_HEIGHT))
    shoulder, elbow = float(position[0]), float(position[0] + position[1])
    base = (width / 2, height / 2)
    middle = _ahead(base, shoulder, LENGTHS[0] * pen.scale)
    tip = _ahead(middle, elbow, LENGTHS[1] * pen.scale)

    pen.link(base, middle, (30, 25), UPPER, UPPER_RIM)
    pen.disc(base, 35, BASE_RIM)
    pen.disc(base, 31, BASE)
    pen.disc(base, 11, JOINT_CAP)
    pen.gripper(tip, elbow)
    pen.link(middle, tip, (24, 18), FORE, FORE_RIM)
    pen.disc(middle, 18, JOINT)
    pen.disc(middle, 8, JOINT_CAP)
    pen.disc(tip, 12, TIP)
    return image


class _Pen:
    """Anti-aliased shapes with sub-pixel coordinates, sizes in pixels of the reference picture."""

    def __init__(self, image: np.ndarray, scale: float) -> None:
        self.image = image
        self.scale = scale

    def disc(self, centre: Point, radius: float, colour: Colour) -> None:
        size = round(radius * self.scale * 2**SHIFT)
        cv2.circle(self.image, _fixed(centre), size, colour, -1, cv2.LINE_AA, SHIFT)

    def polygon(self, points: list[Point], colour: Colour) -> None:
        corners = np.array([_fixed(point) for point in points])
        cv2.fillConvexPoly(self.image, corners, colour, cv2.LINE_AA, SHIFT)

    def link(self, start: Point, end: Point, widths: tuple[float, float], colour: Colour, rim: Colour) -> None:
        """A rounded bar that narrows from widths[0] to widths[1] (half widths), with a darker rim."""
        for inset, shade in ((0.0, rim), (4.0, colour)):
            near, far = widths[0] - inset, widths[1] - inset
            self.bar(start, end, (near, far), shade)
            self.disc(start, near, shade)
            self.disc(end, far, shade)

    def bar(self, start: Point, end: Point, widths: tuple[float, float], colour: Colour) -> None:
        """A straight bar, widths[0] half wide at its start and widths[1] at its end."""
        across = _normal(start, end)
        near, far = widths[0] * self.scale, widths[1] * self.scale
        corners = [_aside(start, across, near), _aside(end, across, far)]
        self.polygon([*corners, _aside(end, across, -far), _aside(start, across, -near)], colour)

    def gripper(self, tip: Point, angle: float) -> None:
        """Two fingers ahead of the tip."""
        for side in (-1, 1):
            root = _ahead(tip, angle + side * math.pi / 2, 13 * self.scale)
            end = _ahead(root, angle, 27 * self.scale)
            self.bar(root, end, (5, 4), GRIPPER)


@lru_cache(maxsize=8)
def _table(size: tuple[int, int]) -> np.ndarray:
    """The empty table, the camera's fixed background: planks with a faint grain along them.

    The grain is constant along each row of pixels, so that recorded pictures stay small.
    """
    height, width = size
    plank = max(8, height // 6)
    random = np.random.default_rng(0)
    shade = np.repeat(random.uniform(-3, 3, -(-height // plank)), plank)[:height]
    shade += random.normal(0, 1.2, height)
    shade[::plank] -= 14
    rows = np.array(TABLE) + shade[:, None]
    image = np.repeat(np.clip(rows, 0, 255).astype(np.uint8)[:, None], width, axis=1)
    image.flags.writeable = False
    return image


def _ahead(point: Point, angle: float, distance: float) -> Point:
    return point[0] - distance * math.sin(angle), point[1] - distance * math.cos(angle)


def _aside(point: Point, direction: Point, distance: float) -> Point:
    return point[0] + distance * direction[0], point[1] + distance * direction[1]


def _normal(start: Point, end: Point) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    return -dy / length, dx / length


def _fixed(point: Point) -> tuple[int, int]:
    return round(point[0] * 2**SHIFT), round(point[1] * 2**SHIFT)
