"""The figures that matter, by name, for tables: on the terminal, in the report, on model cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jepa_ros.evaluation.evaluate import Evaluation


@dataclass(frozen=True)
class Row:
    """One figure of every model: texts, and which of them is the best (None where none is)."""

    name: str
    texts: list[str]
    best: int | None


@dataclass(frozen=True)
class Cell:
    """A figure: as text, and as a number of which less (or more) is better."""

    text: str
    badness: float


def key_figures(evaluations: Sequence[Evaluation]) -> list[Row]:
    """A row per figure, in the models' order. A figure that was not measured leaves its row out."""
    columns = [dict(_figures(evaluation)) for evaluation in evaluations]
    return [_row(name, [column.get(name) for column in columns]) for name in columns[0]]


def _row(name: str, cells: list[Cell | None]) -> Row:
    badness = [np.inf if cell is None else cell.badness for cell in cells]
    tie = len(cells) < 2 or len({cell.text if cell else "" for cell in cells}) < 2
    return Row(name, [cell.text if cell else "–" for cell in cells], None if tie else int(np.argmin(badness)))


def _figures(evaluation: Evaluation) -> list[tuple[str, Cell]]:
    parts: tuple[Callable[[Evaluation], list[tuple[str, Cell]]], ...] = (
        _trials,
        _offline,
        _latents,
        _surprise,
        _warnings,
    )
    return [figure for part in parts for figure in part(evaluation)]


def _trials(evaluation: Evaluation) -> list[tuple[str, Cell]]:
    found = evaluation.closed_loop
    if found is None:
        return []
    rates = (("goals reached", found.reached), ("reached by random actions", found.random))
    rows = [
        (name, Cell(f"{rate.share:.0%} of {rate.trials} ({rate.low:.0%} … {rate.high:.0%})", -rate.share))
        for name, rate in rates
    ]
    seconds = Cell("–", np.inf) if found.seconds is None else Cell(f"{found.seconds:.1f} s", found.seconds)
    error = Cell(f"{found.error:.3f}", found.error)
    return [*rows, ("time to the goals reached, median", seconds), (f"{found.measure} at the end, median", error)]


def _offline(evaluation: Evaluation) -> list[tuple[str, Cell]]:
    prediction, ranking = evaluation.prediction, evaluation.ranking
    rows = []
    for step in (0, len(prediction.model.median) - 1):
        error, horizon = prediction.model.median[step], (step + 1) * prediction.block
        share = error / prediction.unchanged.median[step]
        name = f"prediction error, {horizon} period{'s' if horizon > 1 else ''} (of “nothing changes”)"
        rows.append((name, Cell(f"{error:.4f} ({share:.0%})", error)))
    return [
        *rows,
        (f"rank of the true actions among {ranking.rivals + 1}, mean", Cell(f"top {ranking.mean:.1%}", ranking.mean)),
        ("… best of all", Cell(f"{ranking.first:.0%}", -ranking.first)),
        ("… among the best 10 %", Cell(f"{ranking.first_tenth:.0%}", -ranking.first_tenth)),
    ]


def _latents(evaluation: Evaluation) -> list[tuple[str, Cell]]:
    found = evaluation.latents
    rows = [
        (f"{probe.name} read from {probe.sense}", Cell(f"± {probe.rmse:.3g} (R² {probe.r2:.4f})", probe.rmse))
        for probe in found.probes
    ]
    rank = Cell(f"{found.effective_rank:.1f} of {found.size}", 0.0)
    return [*rows, ("effective rank of the latents", rank)]


def _surprise(evaluation: Evaluation) -> list[tuple[str, Cell]]:
    rows = [
        (f"noticed: {fault.fault.replace('_', ' ')} (area under ROC)", Cell(f"{fault.auc:.3f}", -fault.auc))
        for fault in evaluation.faults
    ]
    for alarms in evaluation.alarms:
        ratios = " · ".join(f"{ratio:.2g}" for ratio in alarms.ratio)
        off = float(np.abs(np.log(np.maximum(alarms.ratio, 1e-3))).mean())
        rates = " · ".join(f"{rate:g}" for rate in alarms.rates)
        rows.append((f"false alarms, seen / asked for, at {rates}: {alarms.driver}", Cell(ratios, off)))
    return rows


def _warnings(evaluation: Evaluation) -> list[tuple[str, Cell]]:
    found = evaluation.warnings
    if found is None:
        return []
    rows = []
    for fault in found.faults:
        mean, chart = found.model.mean(fault), found.best_chart(fault).mean(fault)
        name = f"warning before failure: {fault.replace('_', ' ')}, mean (best control chart)"
        rows.append((name, Cell(f"{mean:.0f} s ({chart:.0f} s)", -mean)))
    return rows
