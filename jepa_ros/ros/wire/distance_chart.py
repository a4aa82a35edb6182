"""The distance to a goal over time, drawn with OpenCV: matplotlib would take longer than there is between commands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

GROUND, INK, FAINT, LINE = 255, (36, 39, 45), (115, 120, 130), (220, 217, 211)
PAST, AHEAD, NEAR, NEAR_GROUND = (38, 112, 190), (221, 92, 48), (24, 138, 88), (231, 243, 238)
FONT, SMALL = cv2.FONT_HERSHEY_SIMPLEX, 0.42
AXIS, BELOW, RIGHT = 44, 22, 12  # px beside and below the chart, for the numbers
WINDOW, SHORTEST = 20.0, 4.0  # s of the past that are shown at most, and s that there is room for at least
NEAREST, FARTHEST = 1e-4, 1e4  # distances that there is room for at most
MOST_TICKS = 7
BITS = 4  # of a pixel's fraction

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Course:
    """How the distance to a goal changed, and how a plan will change it: (seconds since the motion began, distance).

    ``past`` ends now, ``ahead`` begins now, and is empty where there is no plan.
    """

    past: Points
    ahead: Points
    tolerance: float


class _Scale:
    """Seconds and distances → pixels."""

    def __init__(self, course: Course, width: int, height: int):
        times, distances = zip(*course.past, *course.ahead)
        self.begin, self.end = max(0.0, course.past[-1][0] - WINDOW), max(SHORTEST, *times)
        self.low = max(NEAREST, min(0.3 * course.tolerance, *(0.7 * distance for distance in distances)))
        self.high = min(FARTHEST, 1.5 * max(1.0, *distances))
        self.left, self.right, self.top, self.bottom = AXIS, width - RIGHT, 0, height - BELOW

    def x(self, seconds: float) -> float:
        return self.left + (self.right - self.left) * (seconds - self.begin) / (self.end - self.begin)

    def y(self, distance: float) -> float:
        inside = min(max(self.low, distance), self.high)
        return self.bottom - (self.bottom - self.top) * math.log(inside / self.low) / math.log(self.high / self.low)

    def corners(self, points: Points) -> np.ndarray:
        """The corners (n, 2) of a curve as far as it is shown, in fractions of pixels."""
        shown = [(self.x(seconds), self.y(distance)) for seconds, distance in points if seconds >= self.begin]
        return np.round(np.array(shown).reshape(-1, 2) * 2**BITS).astype(np.int32)

    def seconds(self) -> range:
        """Those that are written below."""
        step = next(step for step in (1, 2, 5, 10, 20) if (self.end - self.begin) / step < MOST_TICKS)
        return range(math.ceil(self.begin / step) * step, math.floor(self.end) + 1, step)

    def distances(self) -> list[float]:
        """Those that are written beside it: powers of ten."""
        return [10.0**power for power in range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)]


def draw_chart(course: Course, width: int, height: int) -> np.ndarray:
    """A chart (height, width, 3) RGB with logarithmic distances: what was as a line, what is predicted as dots."""
    picture = np.full((height, width, 3), GROUND, np.uint8)
    scale = _Scale(course, width, height)
    _draw_ground(picture, scale, course.tolerance)
    past, ahead = scale.corners(course.past), scale.corners(course.ahead)
    cv2.polylines(picture, [ahead], False, AHEAD, 1, cv2.LINE_AA, BITS)
    for corner in ahead[1:]:
        _dot(picture, corner, AHEAD, 2.5)
    cv2.polylines(picture, [past], False, PAST, 2, cv2.LINE_AA, BITS)
    _dot(picture, past[-1], PAST, 4.5)
    return picture


def write(picture: np.ndarray, words: str, x: float, y: float, color=INK, size: float = SMALL, align=0.0) -> None:
    """Put words into a picture, on a baseline; ``align`` of them, 0 to 1, lies left of x."""
    left = round(x - align * cv2.getTextSize(words, FONT, size, 1)[0][0])
    cv2.putText(picture, words, (left, round(y)), FONT, size, color, 1, cv2.LINE_AA)


def size_for(words: str, room: float, size: float = SMALL) -> float:
    """The size, at most this, in which words are no longer than so many pixels."""
    return size * min(1.0, room / max(1, cv2.getTextSize(words, FONT, size, 1)[0][0]))


def _draw_ground(picture: np.ndarray, scale: _Scale, tolerance: float) -> None:
    """Frame, lines and numbers of both axes, and below the tolerance the ground of arrival."""
    near = round(scale.y(tolerance))
    picture[near : scale.bottom, scale.left : scale.right] = NEAR_GROUND
    for distance in scale.distances():
        y = round(scale.y(distance))
        cv2.line(picture, (scale.left, y), (scale.right, y), LINE)
        write(picture, f"{distance:g}", scale.left - 6, y + 4, FAINT, align=1.0)
    for seconds in scale.seconds():
        x = round(scale.x(seconds))
        cv2.line(picture, (x, scale.top), (x, scale.bottom), LINE)
        write(picture, f"{seconds} s", x, scale.bottom + 16, FAINT, align=0.5)
    cv2.rectangle(picture, (scale.left, scale.top), (scale.right, scale.bottom), LINE)
    cv2.line(picture, (scale.left, near), (scale.right, near), NEAR)
    write(picture, f"tolerance {tolerance:.3g}", scale.left + 6, near + 15, NEAR)


def _dot(picture: np.ndarray, corner: np.ndarray, color: tuple[int, int, int], radius: float) -> None:
    cv2.circle(picture, tuple(corner.tolist()), round(radius * 2**BITS), color, cv2.FILLED, cv2.LINE_AA, BITS)
