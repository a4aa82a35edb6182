"""How training goes on, while it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from jepa_ros.commands.show.terminal import console
from jepa_ros.training import Progress

SHARE_PER_LINE = 0.1  # of the training between two lines where no terminal shows it live


@contextmanager
def training_display() -> Iterator[Callable[[Progress], None]]:
    """A display of progress, renewed by calling the function it gives; lines where the output is no terminal."""
    if not console.is_terminal:
        yield _lines()
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda now: live.update(_display(now), refresh=True)


def _lines() -> Callable[[Progress], None]:
    shown = [0.0]

    def show(now: Progress) -> None:
        if now.step >= shown[0] * now.steps:
            console.print(f"{_place(now)}: {_listed(_losses(now))}; {_listed(_latents(now))}", soft_wrap=True)
            shown[0] = now.step / now.steps + SHARE_PER_LINE

    return show


def _display(now: Progress) -> RenderableType:
    head = Table.grid(padding=(0, 2))
    head.add_row("training", ProgressBar(now.steps, now.step, width=40), _place(now))
    return Group(head, _row(_losses(now)), _row(_latents(now)))


def _place(now: Progress) -> str:
    return f"step {now.step} of {now.steps}, {timedelta(seconds=round(now.seconds_left))} left"


def _losses(now: Progress) -> dict[str, str]:
    terms = {name.replace("_", " "): f"{value:.4f}" for name, value in now.terms.items()}
    return {"loss": f"{now.loss:.4f}", **terms}


def _latents(now: Progress) -> dict[str, str]:
    return {
        "effective rank": f"{now.effective_rank:.1f}",
        "action sensitivity": f"{now.action_sensitivity:.2f}",
        "waiting for data": f"{100 * now.data_wait:.1f} %",
    }


def _listed(figures: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


def _row(figures: dict[str, str]) -> Table:
    row = Table(box=None, pad_edge=False, header_style="dim")
    for name in figures:
        row.add_column(name, justify="right")
    row.add_row(*figures.values())
    return row
