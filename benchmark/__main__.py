"""``python -m benchmark``: measure, print a table, and keep the figures in results.json."""

from __future__ import annotations

import os
import sys

import tyro
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from benchmark.figures import Figure, conditions
from benchmark.peers import NoPeer
from benchmark.registry import UnknownFigure, chosen
from benchmark.results import merge, table
from benchmark.trained import TrainingFailed
from jepa_ros.ros.client.client import ClientError
from jepa_ros.ros.client.domains import NoFreeDomain

QUIET = 0.5  # load average above which the machine has something else to do

console = Console()


def benchmark(only: str = "", note: tuple[str, float, str, str] | None = None) -> int:
    """Measure what the README quotes, print it, and write it to benchmark/results.json.

    Args:
        only: measure the figures whose names begin so; the file's other entries stay.
        note: instead of measuring, put down what was measured by hand once: name, value, unit, conditions.
    """
    if note is not None:
        name, value, unit, how = note
        merge({name: Figure(value, unit, None, None, 1, conditions(how))})
        return 0
    load = os.getloadavg()[0]
    if load > QUIET:
        console.print(f"[yellow]This machine is busy (load average {load:.1f}): latencies will come out too high.")
    figures: dict[str, Figure] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        for family in chosen(only):
            task = progress.add_task(", ".join(family.names), total=None)
            measured = family.measure(lambda done, total, task=task: progress.update(task, completed=done, total=total))
            merge(measured)
            figures.update(measured)
    console.print(table(figures))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(tyro.cli(benchmark, prog="python -m benchmark"))
    except (UnknownFigure, ClientError, NoFreeDomain, TrainingFailed, NoPeer) as error:
        sys.exit(str(error))
