"""Where the true action sequence ranks among its rivals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from jepa_ros import style
from jepa_ros.evaluation.evaluate import Evaluation

EDGES = (1, 2, 3, 5, 10, 20, 50, 100)  # places at which bars begin


def draw_ranking(evaluations: Sequence[Evaluation]) -> Figure:
    """One panel per model: how often the true sequence takes which place, beside guessing."""
    figure, axes = style.grid(1, len(evaluations), width=100, height=72, sharey=True)
    for panel, evaluation in zip(axes.flat, evaluations):
        found = evaluation.ranking
        edges = [edge for edge in EDGES if edge <= found.rivals] + [found.rivals + 2]
        # A place counts from 1; half places come from ties
        places = 1 + np.round(np.array(found.ranks) * found.rivals)
        shares = np.histogram(places, edges)[0] / len(places)
        guessing = np.diff(edges) / (found.rivals + 1)
        bars = np.arange(len(shares))
        panel.bar(bars - 0.2, shares, 0.4, color=style.MODEL, label="world model")
        panel.bar(bars + 0.2, guessing, 0.4, color=style.LINE, label="guessing")
        for bar, share in zip(bars, shares):
            panel.annotate(f"{share:.0%}", (bar - 0.2, share), (0, 2), textcoords="offset points", ha="center",
                           fontsize=style.SMALL, color=style.INK)  # fmt: skip
        names = [f"{low}" if high - low == 1 else f"{low}–{high - 1}" for low, high in zip(edges, edges[1:])]
        panel.set_xticks(bars, [*names[:-1], f"{edges[-2]}+"])
        panel.grid(axis="x", visible=False)
        panel.set_ylim(0, 1)
        panel.set_xlabel(f"place of the true sequence among {found.rivals + 1}")
        style.title(panel, evaluation.model)
        style.percent(panel.yaxis)
    axes[0, 0].set_ylabel("share of the sequences")
    style.legend(axes[0, 0], loc="upper right")
    return figure
