"""What flickers, and what it costs: two frames of the camera, and the goals that each model reaches."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from benchmark.figures import Figure
from jepa_ros import style
from jepa_ros.simulation.distractors import Distractors
from jepa_ros.simulation.planar_arm import PlanarArm

PICTURE = Path(__file__).resolve().parents[1] / "doc/images/distractors.png"
POSE = np.array([0.9, 1.1])  # rad
TARGETS = {"": "predicts latents\n(jepa_ros)", "pixels.": "predicts pixels\n(baseline)"}


def draw_distractors(figures: Mapping[str, Figure], level: float, path: Path = PICTURE) -> None:
    """Write the picture (PNG)."""
    figure, axes = style.grid(1, 3, width=68, height=58)
    _draw_frame(axes[0, 0], 0.0, "without distractors")
    _draw_frame(axes[0, 1], level, f"{level:.0%} of the pixels flicker")
    _draw_bars(axes[0, 2], figures)
    figure.savefig(path)


def _draw_frame(axes: Axes, level: float, words: str) -> None:
    arm = PlanarArm(distractors=Distractors(level))
    arm.reset(POSE)
    axes.imshow(arm.image(), interpolation="antialiased")
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    style.title(axes, words)


def _draw_bars(axes: Axes, figures: Mapping[str, Figure]) -> None:
    """A pair of bars per model: without distractors and with them."""
    kinds = (("clean_success", style.LINE, "without"), ("success", style.MODEL, "with distractors"))
    for index, (name, colour, words) in enumerate(kinds):
        shown = [figures[f"distractors.{target}{name}"] for target in TARGETS]
        places = np.arange(len(shown)) + 0.4 * index - 0.2
        values = np.array([figure.value for figure in shown])
        ends = np.array([[figure.low, figure.high] for figure in shown]).T
        axes.bar(places, values, 0.36, color=colour, label=words)
        axes.vlines(places, *ends, color=style.INK, linewidth=1.2)
        for place, value, high in zip(places, values, ends[1]):
            axes.annotate(f"{value:.3g}%", (place, high + 3), ha="center", fontsize=style.SMALL, color=style.INK)
    axes.set_xticks(range(len(TARGETS)), list(TARGETS.values()))
    axes.set_ylim(0, 140)
    axes.set_yticks(range(0, 101, 25))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}%")
    axes.grid(axis="x", visible=False)
    style.title(axes, "goals reached")
    style.legend(axes, loc="upper center", ncols=2)
