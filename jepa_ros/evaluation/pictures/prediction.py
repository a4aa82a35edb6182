"""Prediction error over the horizon, beside the baselines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jepa_ros import style
from jepa_ros.evaluation.evaluate import Evaluation
from jepa_ros.evaluation.prediction import ErrorCurve


def draw_prediction(evaluations: Sequence[Evaluation]) -> Figure:
    """One panel per model, on the same axes."""
    figure, axes = style.grid(1, len(evaluations), width=100, height=82, sharex=True, sharey=True)
    for panel, evaluation in zip(axes.flat, evaluations):
        found = evaluation.prediction
        seconds = found.period * found.block * np.arange(1, len(found.model.median) + 1)
        _curve(panel, seconds, found.unchanged, "nothing changes", style.FAINT, ":")
        _curve(panel, seconds, found.linear, "linear model", style.SERIES[1], "--")
        _curve(panel, seconds, found.model, "world model", style.MODEL, "-")
        panel.axhline(evaluation.tolerance, color=style.GOOD, linewidth=1.2, label="tolerance of “arrived”")
        style.title(panel, evaluation.model)
        panel.set(yscale="log", xlim=(0, seconds[-1] * 1.02))
        panel.set_xlabel("seconds ahead")
        style.numbers(panel.yaxis)
    axes[0, 0].set_ylabel("error (distance)")
    style.legend(axes[0, 0], loc="lower right")
    return figure


def _curve(axes: Axes, seconds: np.ndarray, errors: ErrorCurve, name: str, colour: str, line: str) -> None:
    axes.fill_between(seconds, errors.low, errors.high, color=colour, alpha=0.12, linewidth=0)
    axes.plot(seconds, errors.median, line, color=colour, linewidth=1.8, label=name)
