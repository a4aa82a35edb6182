"""What probes read from latents, and how latents lie in their plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from jepa_ros import style
from jepa_ros.evaluation.evaluate import Evaluation

COLOURS = "viridis"
MOST = 6  # values of the state that are shown


def draw_probes(evaluations: Sequence[Evaluation]) -> Figure | None:
    """A row per model, a panel per value of the state: what is read from images alone over what is true."""
    rows = [[p for p in e.latents.probes if p.sense == e.latents.probes[0].sense][:MOST] for e in evaluations]
    if not rows[0]:
        return None
    figure, axes = style.grid(len(rows), len(rows[0]), width=72, height=70)
    for line, probes, evaluation in zip(axes, rows, evaluations):
        for panel, probe in zip(line, probes):
            limits = style.room_for([*probe.true, *probe.read])
            panel.plot(limits, limits, color=style.LINE, linewidth=1.2, zorder=1)
            panel.plot(probe.true, probe.read, ".", color=style.MODEL, markersize=3, alpha=0.5, markeredgewidth=0)
            panel.set(xlim=limits, ylim=limits, aspect="equal")
            panel.set_xlabel("true")
            style.title(panel, f"{probe.name}")
            style.note(panel, 0.04, 0.96, f"R² {probe.r2:.4f}\nRMSE {probe.rmse:.3g}", va="top")
        line[0].set_ylabel(f"{evaluation.model}: read from {probes[0].sense}")
    return figure


def draw_latents(evaluations: Sequence[Evaluation]) -> Figure:
    """A row per model, a panel per value of the state: latents in the plane of their main directions."""
    columns = max(1, min(len(evaluations[0].latents.plane.names), MOST))
    figure, axes = style.grid(len(evaluations), columns, width=88, height=62)
    for line, evaluation in zip(axes, evaluations):
        plane = evaluation.latents.plane
        state = np.array(plane.state)
        for index, panel in enumerate(line):
            colours = state[:, index] if plane.names else style.MODEL
            points = panel.scatter(
                plane.x, plane.y, s=6, c=colours, cmap=COLOURS if plane.names else None, linewidths=0
            )
            panel.set(xticks=[], yticks=[], aspect="equal")
            if plane.names:
                style.title(panel, plane.names[index])
                bar = figure.colorbar(points, cax=panel.inset_axes((1.03, 0, 0.03, 1)))
                bar.outline.set_visible(False)
                bar.ax.tick_params(colors=style.FAINT, labelsize=style.SMALL, length=0)
        line[0].set_ylabel(evaluation.model)
        line[0].set_xlabel(f"{plane.share:.1%} of the variance lies in this plane")
    return figure
