"""Closed-loop trials: how near every one came, and how long it took."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from jepa_ros import style
from jepa_ros.evaluation.evaluate import Evaluation


def draw_trials(evaluations: Sequence[Evaluation]) -> Figure | None:
    """One panel per model: how far from its goal each trial ended over the time it took."""
    if evaluations[0].closed_loop is None:
        return None
    figure, axes = style.grid(1, len(evaluations), width=100, height=74, sharex=True, sharey=True)
    tolerance = evaluations[0].closed_loop.tolerance
    errors = [trial.error for evaluation in evaluations for trial in evaluation.closed_loop.trials]
    for panel, evaluation in zip(axes.flat, evaluations):
        found = evaluation.closed_loop
        panel.axhspan(1e-6, tolerance, color=style.GOOD, alpha=0.10, linewidth=0)
        panel.axhline(tolerance, color=style.GOOD, linewidth=1.0)
        for reached, colour, name in ((True, style.MODEL, "reached"), (False, style.BAD, "missed")):
            trials = [trial for trial in found.trials if trial.reached == reached]
            if trials:
                panel.plot([t.seconds for t in trials], [t.error for t in trials], "o", color=colour, markersize=5,
                           alpha=0.75, markeredgewidth=0, label=f"{len(trials)} {name}")  # fmt: skip
        panel.set(yscale="log", ylim=(min(0.002, 0.7 * np.min(errors)), max(1.0, 1.5 * np.max(errors))))
        panel.set_xlim(left=0)
        panel.set_xlabel("seconds")
        style.numbers(panel.yaxis)
        style.title(panel, evaluation.model)
        style.legend(panel, loc="upper right")
    style.note(axes[0, 0], 0.02, tolerance, f"tolerance {tolerance:g}", color=style.GOOD, va="bottom",
               transform=axes[0, 0].get_yaxis_transform())  # fmt: skip
    axes[0, 0].set_ylabel(f"{evaluations[0].closed_loop.measure} at the end")
    return figure
