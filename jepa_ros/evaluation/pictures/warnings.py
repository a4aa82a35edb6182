"""Developing faults: the model's drift statistic over time, from before the onset to failure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jepa_ros import style
from jepa_ros.evaluation.evaluate import Evaluation
from jepa_ros.evaluation.warning import Example

BEFORE = 300.0  # s before the onset that are shown
HIGHEST = 4.0  # thresholds up to which the statistic is shown


def draw_warnings(evaluations: Sequence[Evaluation]) -> Figure | None:
    """A row per model, a panel per fault: one run, with threshold, onset, alarm and failure."""
    watched = [evaluation for evaluation in evaluations if evaluation.warnings is not None]
    if not watched:
        return None
    columns = len(watched[0].warnings.examples)
    figure, axes = style.grid(len(watched), columns, sharey="row")
    for row, evaluation in zip(axes, watched):
        threshold = evaluation.warnings.model.threshold
        for panel, example in zip(row, evaluation.warnings.examples):
            _draw(panel, example, threshold)
            style.title(panel, example.fault.replace("_", " "))
        row[0].set_ylim(min(0.0, row[0].get_ylim()[0]), HIGHEST * threshold)
        row[0].set_ylabel(f"{evaluation.model}: drift")
    for panel in axes[-1]:
        panel.set_xlabel("minutes since the fault began")
    style.legend(axes[0, 0], loc="upper left")
    return figure


def _draw(panel: Axes, example: Example, threshold: float) -> None:
    minutes = (np.array(example.time) - example.onset) / 60
    shown = minutes >= -BEFORE / 60
    panel.plot(minutes[shown], np.array(example.statistic)[shown], color=style.MODEL, linewidth=1.2)
    panel.axhline(threshold, color=style.FAINT, linewidth=1.0, linestyle="--", label="threshold")
    panel.axvline((example.failure - example.onset) / 60, color=style.BAD, linewidth=1.6, label="failure")
    if example.alarm is not None:
        alarm = (example.alarm - example.onset) / 60
        panel.axvline(alarm, color=style.GOOD, linewidth=1.6, label="warning")
        panel.axvspan(alarm, (example.failure - example.onset) / 60, color=style.GOOD, alpha=0.10, linewidth=0)
