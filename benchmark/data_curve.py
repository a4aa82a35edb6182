"""How little data is enough: success of models that differ only in the minutes of logs that they were trained on."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import product
from typing import NamedTuple

from benchmark.data_curve_picture import PICTURE, Curve, draw
from benchmark.figures import Figure
from benchmark.stepped import PAIRS, floor, pursue_pairs, success
from benchmark.trained import trained
from jepa_ros.evaluation.trials import ClosedLoop

MINUTES = (2.0, 5.0, 10.0, 30.0)
FIGURES = {"planar_arm": "success", "furnished_room": "direct_success"}
NAMES = tuple(
    f"data_{minutes:g}min.{robot}.{kind}"
    for robot, success_name in FIGURES.items()
    for minutes in MINUTES
    for kind in (success_name, "random_success")
)
AT_ONCE = 2  # processes, each with a core of its own


class Point(NamedTuple):
    """A robot, and the minutes for which it explored."""

    robot: str
    minutes: float


def measure(
    tell: Callable[[float, float], None], pairs: int = PAIRS, steps: int | None = None, picture: str = PICTURE
) -> dict[str, Figure]:
    """Train and try all models of the curve; draws it as well."""
    points = [Point(robot, minutes) for minutes, robot in product(reversed(MINUTES), FIGURES)]
    tell(0, len(points))
    found: dict[Point, ClosedLoop] = {}
    with ProcessPoolExecutor(AT_ONCE, multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(_try, point, pairs, steps): point for point in points}
        for future in as_completed(waiting):
            found[waiting[future]] = future.result()
            tell(len(found), len(points))
    draw([Curve(robot, {minutes: found[robot, minutes] for minutes in MINUTES}) for robot in FIGURES], picture)
    return {name: figure for point in points for name, figure in _figures(point, found[point]).items()}


def _try(point: Point, pairs: int, steps: int | None) -> ClosedLoop:
    return pursue_pairs(trained(*point, steps).model, pairs)


def _figures(point: Point, found: ClosedLoop) -> dict[str, Figure]:
    robot, minutes = point
    model = f"a model trained on {minutes:g} minutes of simulated exploration by the default recipe"
    return {
        f"data_{minutes:g}min.{robot}.{FIGURES[robot]}": success(robot, found, model),
        f"data_{minutes:g}min.{robot}.random_success": floor(robot, found, model),
    }
