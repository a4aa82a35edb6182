"""How the demo's pictures look: one font, few colours, a light ground, and the curve of a distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from jepa_ros.ros.demo.trial import Trial
from jepa_ros.style import BAD, FAINT, GOOD, INK, LINE, MODEL, NORMAL, SMALL

DPI = 100
GROUND = "#ffffff"
CURVE, REACHED, MISSED = MODEL, GOOD, BAD
LARGE = 13.0  # points


def page(width: int, height: int) -> Figure:
    """An empty figure of this size in pixels."""
    return Figure((width / DPI, height / DPI), dpi=DPI, facecolor=GROUND)


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Axes at these pixels, counted from the upper left corner."""
    whole_width, whole_height = figure.get_size_inches() * DPI
    bottom = whole_height - top - height
    return figure.add_axes((left / whole_width, bottom / whole_height, width / whole_width, height / whole_height))


def write(figure: Figure, left: float, top: float, words: str, **style: object) -> object:
    """Text whose baseline starts at these pixels."""
    width, height = figure.get_size_inches() * DPI
    style = {"color": INK, "fontsize": NORMAL, "va": "baseline"} | style
    return figure.text(left / width, 1.0 - top / height, words, **style)


def show_picture(axes: Axes, picture: np.ndarray) -> None:
    """A picture with a thin frame."""
    axes.imshow(picture, interpolation="lanczos", aspect="auto")
    frame(axes)


def frame(axes: Axes) -> None:
    """No ticks, only a thin frame."""
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(color=LINE, linewidth=1.0)


def distance_axes(axes: Axes, trials: Sequence[Trial], tolerance: float, label: bool = True) -> None:
    """Logarithmic axes in which every trial's distances have room, with the tolerance as a line."""
    seconds = max(trial.seconds for trial in trials)
    distances = [moment.distance for trial in trials for moment in trial.moments]
    low, high = 0.7 * min(*distances, 0.3 * tolerance), 1.5 * max(*distances, 1.0)
    axes.set(xlim=(0.0, 1.05 * seconds), ylim=(low, high), yscale="log", facecolor="white")
    axes.yaxis.set_major_locator(FixedLocator([0.001, 0.01, 0.1, 1.0]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)
    axes.tick_params(colors=FAINT, labelsize=SMALL, length=0, which="both")
    axes.grid(color=LINE, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[:].set(color=LINE, linewidth=1.0)
    axes.axhspan(low, tolerance, color=REACHED, alpha=0.10, linewidth=0)
    axes.axhline(tolerance, color=REACHED, linewidth=1.2)
    if label:
        axes.text(
            0.03, tolerance / 1.25, "tolerance", transform=axes.get_yaxis_transform(),
            color=REACHED, fontsize=SMALL, va="top",
        )  # fmt: skip


def curve(trial: Trial) -> tuple[list[float], list[float]]:
    """Seconds and distances of a trial."""
    return [moment.time for moment in trial.moments], [moment.distance for moment in trial.moments]


def verdict(trial: Trial) -> str:
    """The colour that says whether a goal was reached."""
    return REACHED if trial.reached else MISSED
