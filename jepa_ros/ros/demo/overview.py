"""One picture of the whole demo: for every goal the start, the goal image, the end, and the distance between."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jepa_ros.ros.demo import style
from jepa_ros.ros.demo.trial import Trial

COLUMNS = 5  # goals side by side
HEIGHT, WIDTH = 152, 171  # px: of a picture
GAP, CURVE = 12, 120  # px: between pictures, and the height of a curve
LEFT, RIGHT, TOP, BOTTOM, HEAD = 112, 24, 64, 52, 26  # px: margins, and the line above each goal
BLOCK = HEAD + 3 * (HEIGHT + GAP) + CURVE + BOTTOM  # px: height of a row of goals


def draw_overview(trials: Sequence[Trial], tolerance: float, path: Path) -> None:
    """Write the picture (PNG)."""
    columns = min(len(trials), COLUMNS)
    blocks = -(-len(trials) // COLUMNS)
    figure = style.page(LEFT + max(columns, 2) * (WIDTH + GAP) - GAP + RIGHT, TOP + blocks * BLOCK)
    reached = sum(trial.reached for trial in trials)
    style.write(
        figure, LEFT, 36, f"{reached} of {len(trials)} goal images reached", fontsize=style.LARGE, weight="bold"
    )
    for index, trial in enumerate(trials):
        column, block = index % COLUMNS, index // COLUMNS
        left, top = LEFT + column * (WIDTH + GAP), TOP + block * BLOCK
        _draw_pictures(figure, trial, left, top, names=column == 0)
        axes = style.place(figure, left, top + BLOCK - BOTTOM - CURVE, WIDTH, CURVE)
        style.distance_axes(axes, trials, tolerance, label=column == 0)
        _draw_curve(axes, trial)
        if column > 0:
            axes.tick_params(labelleft=False)
        else:
            middle = top + BLOCK - BOTTOM - CURVE / 2
            style.write(figure, left - 44, middle, "Latent\ndistance", ha="right", va="center")
    figure.savefig(path, pil_kwargs={"optimize": True})


def _draw_pictures(figure: Figure, trial: Trial, left: float, top: float, names: bool) -> None:
    """A goal's number, its error, and three pictures below each other."""
    error = {"ha": "right", "fontsize": style.SMALL, "color": style.verdict(trial)}
    style.write(figure, left, top + 14, f"Goal {trial.number}", weight="bold")
    style.write(figure, left + WIDTH, top + 14, f"{trial.joint_error:.3f} rad off", **error)
    pictures = {"Start": trial.moments[0].picture, "Goal\nimage": trial.picture, "End": trial.moments[-1].picture}
    for row, (name, picture) in enumerate(pictures.items()):
        above = top + HEAD + row * (HEIGHT + GAP)
        style.show_picture(style.place(figure, left, above, WIDTH, HEIGHT), picture)
        if names:
            style.write(figure, left - 14, above + HEIGHT / 2, name, ha="right", va="center")


def _draw_curve(axes: Axes, trial: Trial) -> None:
    axes.plot(*style.curve(trial), color=style.CURVE, linewidth=1.8, solid_capstyle="round")
    axes.plot(trial.seconds, trial.final_distance, "o", color=style.verdict(trial), markersize=5)
    axes.set_xlabel("seconds", color=style.FAINT, fontsize=style.SMALL)
