"""A recording at a glance: when topics spoke, where the robot has been, what it was told to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.patches import Rectangle

from jepa_ros import style
from jepa_ros.data.audit.checks import FEW
from jepa_ros.data.audit.coverage import (
    BINS,
    Column,
    action_columns,
    bounded_pairs,
    pair_coverage,
    state_columns,
    together,
)
from jepa_ros.data.audit.measures import BagAudit
from jepa_ros.data.audit.survey import Stream, Survey
from jepa_ros.data.bags.bag import BagError

WIDTH = 225.0  # mm
STRIP, PANEL, HEAD = 5.5, 58.0, 16.0  # mm of height: one topic's strip, one row of panels, title and time axis
ACROSS = 3  # panels in a row
MOST = 12  # panels of a kind
MOMENTS = 240  # parts of the time for which a rate is shown
CELLS = 4 * BINS  # of a map, per side
POINTS = 2000  # of a line
PLACE = ("position.x", "position.y")
HEAT = LinearSegmentedColormap.from_list("visits", ["#e9f0f8", style.MODEL, "#0f2f54"])
RATE = LinearSegmentedColormap.from_list("rate", [style.BAD, "#eec9a0", "#7fc0a0"])

Panel = Callable[[Axes], None]


def picture_path(bag: Path) -> Path:
    """Where a bag's picture is kept: inside its folder, so that it goes where the bag goes; beside a bare file."""
    return bag / "audit.png" if bag.is_dir() else bag.with_name(f"{bag.name}.png")


def save_picture(audit: BagAudit, path: Path | None = None) -> Path:
    """Draw an audit as a PNG and say where it is. Raises BagError where it cannot be written."""
    path = path or picture_path(audit.path)
    try:
        draw_audit(audit).savefig(path, format="png")
    except OSError as error:
        raise BagError(f"the picture {path} cannot be written: {error.strerror or error}") from None
    return path


def draw_audit(audit: BagAudit) -> Figure:
    """The strips of all topics, then maps of where the robot has been or lines of its values, then its commands."""
    survey = audit.survey
    panels = [*_state_panels(survey), *_action_panels(survey)]
    rows = -(-len(panels) // ACROSS)
    heights = [STRIP * len(survey.streams) + HEAD, *[PANEL] * rows]
    size = (WIDTH / style.INCH, sum(heights) / style.INCH)
    figure = Figure(figsize=size, dpi=style.DPI, layout="constrained", facecolor="white")
    grid = GridSpec(rows + 1, ACROSS, figure, height_ratios=heights)
    _strips(figure.add_subplot(grid[0, :]), audit)
    for index, draw in enumerate(panels):
        axes = figure.add_subplot(grid[1 + index // ACROSS, index % ACROSS])
        style.plain(axes)
        draw(axes)
    return figure


def _state_panels(survey: Survey) -> list[Panel]:
    """Maps of pairs where there are limits or places; lines over time where there is nothing to draw a map of."""
    columns = [column for column in state_columns(survey) if len(column.values)]
    pairs = [*bounded_pairs(columns), *_places(columns)]
    if pairs:
        return [lambda axes, pair=pair: _map(axes, *pair) for pair in pairs[:MOST]]
    return [lambda axes, column=column: _line(axes, survey, column) for column in columns[:MOST]]


def _action_panels(survey: Survey) -> list[Panel]:
    columns = [column for column in action_columns(survey) if len(column.values)]
    return [lambda axes, column=column: _distribution(axes, column) for column in columns[:MOST]]


def _places(columns: Sequence[Column]) -> list[tuple[Column, Column]]:
    """Where a base was: its x over its y."""
    x, y = ([column for column in columns if column.name.endswith(end)] for end in PLACE)
    return list(zip(x, y))


def _strips(axes: Axes, audit: BagAudit) -> None:
    """Every topic's rate over time, as a share of what it usually is; red where it was silent."""
    survey = audit.survey
    streams = list(survey.streams.values())
    seconds = max(survey.seconds, 1e-3)
    unit, name = (60.0, "minutes") if seconds > 180 else (1.0, "seconds")
    rates = np.array([_rate(survey, stream) for stream in streams])
    axes.imshow(
        rates, cmap=RATE, vmin=0, vmax=1, aspect="auto", interpolation="nearest",
        extent=(0, seconds / unit, len(streams) - 0.5, -0.5),
    )  # fmt: skip
    axes.set_yticks(range(len(streams)), [stream.topic for stream in streams])
    axes.set_xlabel(name)
    axes.tick_params(colors=style.FAINT, labelsize=style.SMALL, length=0)
    axes.tick_params(axis="y", colors=style.INK)
    axes.xaxis.label.set(color=style.FAINT, fontsize=style.SMALL)
    axes.spines[:].set_visible(False)
    for index, stream in enumerate(audit.streams):
        words = f"{stream.rate:.3g} Hz" if stream.count else "silent"
        axes.axhline(index + 0.5, color="white", linewidth=3)
        axes.text(1.01, index, words, transform=axes.get_yaxis_transform(), va="center", fontsize=style.SMALL,
                  color=style.FAINT if stream.fast_enough else style.BAD)  # fmt: skip
    style.title(axes, _headline(audit))


def _headline(audit: BagAudit) -> str:
    survey = audit.survey
    words = f"{audit.path.name}: {survey.contract.robot_type}, {survey.seconds / 60:.1f} minutes, "
    return words + f"{audit.usable_minutes:.1f} of them usable ({audit.usable_periods} periods)"


def _rate(survey: Survey, stream: Stream) -> np.ndarray:
    """(MOMENTS,) messages in each part of the time, as a share of how many there usually are."""
    if len(stream.receive_ns) < 2 or survey.seconds <= 0:
        return np.zeros(MOMENTS)
    usual = float(np.median(np.diff(stream.receive_ns))) * 1e-9
    # A part is long enough for several messages, or rates would flicker as one more or less falls into it
    parts = int(np.clip(survey.seconds / (FEW * max(usual, 1e-6)), 1, MOMENTS))
    counts, _ = np.histogram(survey.second(stream.receive_ns), parts, (0, survey.seconds))
    shares = counts * usual / (survey.seconds / parts)
    shares[shares >= 1 - 1 / FEW] = 1.0
    return shares[np.arange(MOMENTS) * parts // MOMENTS]


def _map(axes: Axes, first: Column, second: Column) -> None:
    """How often each cell was visited; limits as a frame."""
    points = together(first, second)
    (left, right), (low, high) = _span(first), _span(second)
    counts, *_ = np.histogram2d(points[:, 0], points[:, 1], CELLS, ((left, right), (low, high)))
    visits = np.log1p(np.where(counts > 0, counts, np.nan))
    axes.grid(visible=False)
    axes.imshow(visits.T, origin="lower", extent=(left, right, low, high), cmap=HEAT, interpolation="nearest",
                aspect="equal" if _alike(right - left, high - low) else "auto")  # fmt: skip
    if first.bounded and second.bounded:
        width, height = first.high - first.low, second.high - second.low
        axes.add_patch(
            Rectangle((first.low, second.low), width, height, fill=False, edgecolor=style.BAD, linewidth=1.2)
        )
    axes.set(xlabel=first.name, ylabel=second.name)
    share = pair_coverage([first, second])
    style.title(axes, "where it was" if share is None else f"where it was: {share:.0%}")


def _alike(one: float, other: float) -> bool:
    return 0.5 < one / other < 2.0


def _span(column: Column) -> tuple[float, float]:
    """Ends of an axis that hold the values, and the limits where they are known."""
    ends = [column.low, column.high] if column.bounded else []
    return style.room_for([column.values.min(), column.values.max(), *ends], 0.03)


def _line(axes: Axes, survey: Survey, column: Column) -> None:
    """A value over time, and beside it how often it had which value."""
    unit, name = (60.0, "minutes") if survey.seconds > 180 else (1.0, "seconds")
    step = max(1, len(column.values) // POINTS)
    axes.plot(survey.second(column.stamps_ns[::step]) / unit, column.values[::step], color=style.MODEL, linewidth=0.8)
    axes.set_ylim(_span(column))
    axes.set_xlim(0, survey.seconds / unit)
    axes.set_xlabel(name)
    style.title(axes, column.name)
    side = axes.inset_axes((1.01, 0, 0.14, 1), sharey=axes)
    side.hist(column.values, CELLS, orientation="horizontal", color=style.MODEL, alpha=0.5)
    side.axis("off")


def _distribution(axes: Axes, column: Column) -> None:
    """How often a command had which value; limits as lines."""
    axes.hist(column.values, CELLS, range=_span(column), color=style.SERIES[1], alpha=0.85)
    for limit in (column.low, column.high):
        if np.isfinite(limit):
            axes.axvline(limit, color=style.BAD, linewidth=1.2)
    axes.set_yticks([])
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("commanded")
    style.title(axes, column.name)
