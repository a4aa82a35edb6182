"""The picture of the data curve in the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from jepa_ros import style
from jepa_ros.evaluation.trials import ClosedLoop, Rate

PICTURE = str(Path(__file__).parents[1] / "doc/images/data_curve.png")


class Curve(NamedTuple):
    """What a robot reached after so many minutes of logs."""

    robot: str
    found: Mapping[float, ClosedLoop]


def draw(curves: Sequence[Curve], path: str | Path = PICTURE) -> None:
    """Success over minutes of logs, a panel per robot: the share with its 95 % interval, and random actions."""
    figure, axes = style.grid(1, len(curves), width=86, height=66, sharey=True)
    for panel, curve in zip(axes.flat, curves):
        minutes = list(curve.found)
        for name, colour, rates in (
            ("trained model", style.MODEL, [found.reached for found in curve.found.values()]),
            ("random actions", style.FAINT, [found.random for found in curve.found.values()]),
        ):
            panel.plot(minutes, [rate.share for rate in rates], "o-", color=colour, markersize=5, label=name)
            panel.fill_between(minutes, *_band(rates), color=colour, alpha=0.14, linewidth=0)
        panel.set(xscale="log", ylim=(-0.04, 1.06))
        panel.set_xticks(minutes, [f"{each:g}" for each in minutes], minor=False)
        panel.set_xticks([], minor=True)
        panel.set_xlabel("minutes of logs")
        style.percent(panel.yaxis)
        style.title(panel, curve.robot)
    axes[0, 0].set_ylabel("goals reached")
    style.legend(axes.flat[-1], loc="center right")
    figure.savefig(path)


def _band(rates: Sequence[Rate]) -> tuple[list[float], list[float]]:
    return [rate.low for rate in rates], [rate.high for rate in rates]
