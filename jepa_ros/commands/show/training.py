"""How training goes on, while it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from jepa_ros.commands.show.terminal import console
from jepa_ros.training import Progress as TrainingProgress


@contextmanager
def training_bar() -> Iterator[Callable[[TrainingProgress], None]]:
    """A bar with the prediction loss beside it, moved by calling the function it gives."""
    columns = (
        TextColumn("training"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)

        def show(now: TrainingProgress) -> None:
            loss = f"prediction loss {now.terms['prediction']:.4f}" if "prediction" in now.terms else ""
            progress.update(task, completed=now.step, total=now.steps, description=loss)

        yield show
