"""Surprise: faults told from normal operation, and false alarms over those asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter

from jepa_ros import style
from jepa_ros.evaluation.evaluate import Evaluation

RAREST = 1e-3  # false alarms per frame at which curves begin
ALLOWED = (0.5, 2.0)  # ratios that are as good as asked for
SHOWN = (0.05, 20.0)
TICKS = (SHOWN[0], 0.1, 0.5, 1, 2, 10, SHOWN[1])


def draw_faults(evaluations: Sequence[Evaluation]) -> Figure | None:
    """One panel per model: receiver operating characteristics of every fault, false alarms on a logarithmic axis."""
    if not evaluations[0].faults:
        return None
    figure, axes = style.grid(1, len(evaluations), width=100, height=82, sharey=True)
    for panel, evaluation in zip(axes.flat, evaluations):
        for fault, colour in zip(evaluation.faults, style.SERIES):
            name = f"{fault.fault.replace('_', ' ')}  {fault.auc:.3f}"
            panel.plot(fault.false_rate, fault.true_rate, color=colour, linewidth=1.8, label=name)
        panel.set(xscale="log", xlim=(RAREST, 1), ylim=(0, 1.01))
        panel.set_xlabel("normal frames called faulty")
        style.percent(panel.xaxis, panel.yaxis)
        style.title(panel, evaluation.model)
        style.legend(panel, loc="best", title="area under the curve", title_fontsize=style.SMALL)
    axes[0, 0].set_ylabel("faulty frames noticed")
    return figure


def draw_alarms(evaluations: Sequence[Evaluation]) -> Figure:
    """One panel per model: the ratio of false alarms to those asked for, with intervals, for each kind of motion."""
    figure, axes = style.grid(1, len(evaluations), width=100, height=72, sharey=True)
    for panel, evaluation in zip(axes.flat, evaluations):
        panel.axhspan(*ALLOWED, color=style.GOOD, alpha=0.10, linewidth=0)
        panel.axhline(1, color=style.GOOD, linewidth=1.0)
        for index, (alarms, colour) in enumerate(zip(evaluation.alarms, style.SERIES)):
            places = np.arange(len(alarms.rates)) + 0.16 * (index - (len(evaluation.alarms) - 1) / 2)
            low, ratio, high = (np.clip(row, *SHOWN) for row in (alarms.low, alarms.ratio, alarms.high))
            panel.vlines(places, low, high, color=colour, linewidth=1.6)
            panel.plot(places, ratio, "o", color=colour, markersize=5, label=alarms.driver)
            none = np.array(alarms.ratio) == 0
            panel.plot(places[none], ratio[none], "o", color="white", markersize=3)
        panel.set(yscale="log", ylim=(0.8 * SHOWN[0], 1.25 * SHOWN[1]), xlim=(-0.5, len(alarms.rates) - 0.5))
        panel.set_xticks(range(len(alarms.rates)), [f"{rate:g}" for rate in alarms.rates])
        panel.yaxis.set_major_locator(FixedLocator(TICKS))
        panel.yaxis.set_major_formatter(
            FixedFormatter(["none", *(f"{tick:g}" for tick in TICKS[1:-1]), f"{TICKS[-1]:g}+"])
        )
        panel.yaxis.set_minor_formatter(NullFormatter())
        panel.grid(axis="x", visible=False)
        panel.set_xlabel("rate asked for")
        style.title(panel, evaluation.model)
    axes[0, 0].set_ylabel("false alarms: seen / asked for")
    meanings = axes[0, 0].get_legend_handles_labels()
    figure.legend(*meanings, loc="outside right center", frameon=False, fontsize=style.SMALL, labelcolor=style.INK)
    return figure
