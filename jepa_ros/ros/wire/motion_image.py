"""A motion as a picture for people: the goal, what the camera sees, and how the distance between them changes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from jepa_ros.ros.wire.distance_chart import (
    AHEAD,
    AXIS,
    FAINT,
    GROUND,
    INK,
    LINE,
    PAST,
    Course,
    draw_chart,
    size_for,
    write,
)

FIELD, CHART = 256, 430  # px: the side of the fields of goal and camera, and the chart's width
MARGIN = GAP = 16
TOP, BELOW = 58, 20  # px above and below the fields
GOAL, SEEN = MARGIN, MARGIN + FIELD + GAP  # px from the left
PLOT = SEEN + FIELD + GAP
WIDTH, HEIGHT = PLOT + CHART + MARGIN, TOP + FIELD + BELOW
NEUTRAL = 240  # grey, where there is nothing to see
NEWS, LARGE = 26, 0.55
ROW = 22  # px from line to line of words


@dataclass(frozen=True)
class View:
    """What a picture of a motion shows.

    ``goal`` is a picture (h, w, 3) RGB of any size, or lines of words; ``seen`` a picture, None where there is none.
    ``phase`` says what happens, ``numbers`` how far it has got. ``on_the_way``: the distances ahead are those to a
    place on the way.
    """

    goal: np.ndarray | list[str]
    seen: np.ndarray | None
    course: Course
    phase: str
    numbers: str
    on_the_way: bool = False


def motion_image(view: View) -> np.ndarray:
    """The picture (HEIGHT, WIDTH, 3) RGB: from left to right the goal, the camera's picture, the chart."""
    picture = np.full((HEIGHT, WIDTH, 3), GROUND, np.uint8)
    write(picture, view.phase, GOAL, NEWS, INK, size_for(view.phase, PLOT - GOAL, LARGE))
    write(picture, view.numbers, PLOT + AXIS, NEWS, INK, LARGE)
    write(picture, "goal", GOAL, TOP - 9, FAINT)
    write(picture, "camera", SEEN, TOP - 9, FAINT)
    _field(picture, GOAL)[:] = _told(view.goal) if isinstance(view.goal, list) else fit(view.goal)
    _field(picture, SEEN)[:] = _told(["no picture"]) if view.seen is None else fit(view.seen)
    picture[TOP : TOP + FIELD + BELOW, PLOT : PLOT + CHART] = draw_chart(view.course, CHART, FIELD + BELOW)
    for left in (GOAL, SEEN):
        cv2.rectangle(picture, (left - 1, TOP - 1), (left + FIELD, TOP + FIELD), LINE)
    _legend(picture, view.on_the_way)
    return picture


def fit(picture: np.ndarray) -> np.ndarray:
    """A picture (h, w, 3) in the middle of a field (FIELD, FIELD, 3), as large as there is room, pixel by pixel."""
    share = FIELD / max(picture.shape[:2])
    height, width = (max(1, round(share * side)) for side in picture.shape[:2])
    field = np.full((FIELD, FIELD, 3), NEUTRAL, np.uint8)
    top, left = (FIELD - height) // 2, (FIELD - width) // 2
    field[top : top + height, left : left + width] = cv2.resize(
        picture, (width, height), interpolation=cv2.INTER_NEAREST
    )
    return field


def _field(picture: np.ndarray, left: int) -> np.ndarray:
    return picture[TOP : TOP + FIELD, left : left + FIELD]


def _told(words: list[str]) -> np.ndarray:
    """A neutral field with a few lines of words."""
    field = np.full((FIELD, FIELD, 3), NEUTRAL, np.uint8)
    first = (FIELD - ROW * (len(words) - 1)) / 2 + 5
    for number, line in enumerate(words):
        write(field, line, FIELD / 2, first + number * ROW, INK, size_for(line, FIELD - MARGIN), 0.5)
    return field


def _legend(picture: np.ndarray, on_the_way: bool) -> None:
    """What the chart's colours mean."""
    left, baseline = PLOT + AXIS, TOP - 9
    predicted = "predicted, to the next place" if on_the_way else "predicted"
    write(picture, "distance to the goal", left, baseline, PAST)
    write(picture, predicted, left + 152, baseline, AHEAD)
