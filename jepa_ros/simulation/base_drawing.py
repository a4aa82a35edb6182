"""The picture of the mobile base: a round robot whose front has another colour than its back."""

from __future__ import annotations

import math

import cv2
import numpy as np

from jepa_ros.simulation.mobile_base import RADIUS

SHIFT = 4  # OpenCV takes coordinates as integers; these are sixteenths of a pixel
SHADOW, RIM, BODY, FRONT, NOSE, CAP = (
    (96, 78, 60),
    (24, 34, 62),
    (34, 84, 200),
    (255, 196, 30),
    (250, 250, 244),
    (18, 24, 40),
)
HALF_FRONT = 0.9  # rad, half the width of the front


def draw_base(image: np.ndarray, pixel: tuple[float, float], heading: float, scale: float) -> None:
    """Draw the base into an image.

    Args:
        image: uint8 (H, W, 3) RGB, changed.
        pixel: its middle, (column, row).
        heading: rad, zero to the right, positive to the left.
        scale: px per m.
    """
    x, y = pixel
    unit = RADIUS * scale
    _disc(image, x + 0.1 * unit, y + 0.14 * unit, 1.0 * unit, SHADOW)
    _disc(image, x, y, unit, RIM)
    _disc(image, x, y, 0.9 * unit, BODY)
    turns = heading + np.linspace(-HALF_FRONT, HALF_FRONT, 12)
    fan = [(x, y), *((x + 0.9 * unit * math.cos(turn), y - 0.9 * unit * math.sin(turn)) for turn in turns)]
    _polygon(image, fan, FRONT)
    _disc(image, x + 0.66 * unit * math.cos(heading), y - 0.66 * unit * math.sin(heading), 0.17 * unit, NOSE)
    _disc(image, x, y, 0.34 * unit, CAP)


def _disc(image: np.ndarray, x: float, y: float, radius: float, colour: tuple[int, int, int]) -> None:
    cv2.circle(image, (round(x * 16), round(y * 16)), round(radius * 16), colour, -1, cv2.LINE_AA, SHIFT)


def _polygon(image: np.ndarray, points: list[tuple[float, float]], colour: tuple[int, int, int]) -> None:
    corners = np.round(np.array(points) * 16).astype(np.int32)
    cv2.fillConvexPoly(image, corners, colour, cv2.LINE_AA, SHIFT)
