"""How pictures of recordings and reports look: one font, few colours, a light ground, nothing that says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

INK, FAINT, LINE = "#24272d", "#737882", "#dcd9d3"
MODEL, GOOD, BAD = "#2670be", "#188a58", "#c8442a"
SERIES = (MODEL, "#dd5c30", "#188a58", "#8a56b0", "#c09a1c")
SMALL, NORMAL = 8.5, 10.0  # points
DPI = 160
INCH = 25.4  # mm
NARROWEST = 144.0  # mm


def grid(
    rows: int, columns: int, width: float = 72.0, height: float = 58.0, **shared: bool
) -> tuple[Figure, np.ndarray]:
    """A figure with rows × columns axes, each taking about width × height mm; one alone takes NARROWEST."""
    size = (max(columns * width, NARROWEST) / INCH, rows * height / INCH)
    figure = Figure(figsize=size, dpi=DPI, layout="constrained", facecolor="white")
    axes = figure.subplots(rows, columns, squeeze=False, **shared)
    for each in axes.flat:
        plain(each)
    return figure, axes


def plain(axes: Axes) -> None:
    """A faint grid, thin frame, small grey ticks."""
    axes.grid(color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[:].set(color=LINE, linewidth=1.0)
    axes.tick_params(colors=FAINT, labelsize=SMALL, length=0, which="both")
    axes.xaxis.label.set(color=FAINT, fontsize=SMALL)
    axes.yaxis.label.set(color=FAINT, fontsize=SMALL)


def title(axes: Axes, words: str) -> None:
    """What one of several axes shows."""
    axes.set_title(words, fontsize=NORMAL, color=INK, loc="left")


def note(axes: Axes, x: float, y: float, words: str, **style: object) -> None:
    """Small text at shares of the axes' width and height."""
    style = {"color": INK, "fontsize": SMALL, "transform": axes.transAxes} | style
    axes.text(x, y, words, **style)


def legend(axes: Axes, **where: object) -> None:
    """What the lines mean."""
    axes.legend(
        fontsize=SMALL, labelcolor=INK, handlelength=1.6, facecolor="white", edgecolor="none", framealpha=0.85, **where
    )


def numbers(*axes: object) -> None:
    """Logarithmic axes (an XAxis or YAxis) with plain numbers at decades only."""
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())


def percent(*axes: object) -> None:
    """Shares as percentages."""
    for axis in axes:
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}%"))
        axis.set_minor_formatter(NullFormatter())


def room_for(values: Sequence[float], margin: float = 0.05) -> tuple[float, float]:
    """Limits that hold all values with some room."""
    low, high = float(np.min(values)), float(np.max(values))
    room = margin * max(high - low, 1e-6)
    return low - room, high + room
