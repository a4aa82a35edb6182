"""What the demo shows in the terminal while it runs and when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from jepa_ros.ros.demo.trial import Trial
from jepa_ros_interfaces.action import MoveToGoal

TAIL = 15  # lines of a log
T = TypeVar("T")


@contextmanager
def starting(console: Console) -> Iterator[Callable[[dict[str, bool]], None]]:
    """A line that says which nodes work already; moved by the function it gives."""
    with console.status("starting the nodes") as status:
        yield lambda ready: status.update("starting: " + "  ".join(map(_sign, ready, ready.values())))


def step(console: Console, words: str) -> None:
    """Say that a part of the demo is done."""
    console.print(f"[green]✓[/] {words}", highlight=False)


@contextmanager
def counting(console: Console, what: str, count: int) -> Iterator[Callable[[T], T]]:
    """A bar that moves by one whenever something passes through the function it gives."""
    columns = (SpinnerColumn(), TextColumn(what), BarColumn(20), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=count)

        def passing(thing: T) -> T:
            progress.advance(task)
            return thing

        yield passing


class Pursuits:
    """A live line for each goal: what the planner says of it, and at last how it ended. Use as a context manager.

    Where there is no terminal, each line appears once, at its goal's end.
    """

    def __init__(self, console: Console, count: int):
        self._console, self._count = console, count
        columns = (TextColumn("{task.description}"), BarColumn(None), TextColumn("{task.fields[news]}"))
        self._progress = Progress(*columns, console=console, expand=True, disable=not console.is_terminal)

    def __enter__(self) -> Pursuits:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, number: int) -> Callable[[MoveToGoal.Feedback], None]:
        """Add the line of a goal; the function that comes back takes its feedback."""
        self._task = self._progress.add_task(f"  goal {number}/{self._count}", total=1.0, news="planning")

        def hear(feedback: MoveToGoal.Feedback) -> None:
            news = _news(feedback.phase, feedback.distance, feedback.step, feedback.p_value)
            self._progress.update(self._task, completed=feedback.progress, news=news)

        return hear

    def end(self, trial: Trial) -> None:
        """Say how the newest goal ended."""
        mark, word = ("[green]✓[/]", "reached") if trial.reached else ("[red]✗[/]", "missed")
        name = f"{mark} goal {trial.number}/{self._count}"
        news = _news(word, trial.final_distance, trial.steps, trial.moments[-1].p_value)
        self._progress.update(self._task, description=name, news=news)
        if trial.reached:
            self._progress.update(self._task, completed=1.0)
        if not self._console.is_terminal:
            self._console.print(name, news, highlight=False)


def summary(trials: Sequence[Trial], tolerance: float) -> Table:
    """The table at the end."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("goal", justify="right")
    table.add_column("reached")
    for name in (f"distance (≤ {tolerance:.3f})", "joint error (rad)", "steps", "seconds"):
        table.add_column(name, justify="right")
    table.add_column("")
    for trial in trials:
        table.add_row(
            str(trial.number),
            "[green]yes" if trial.reached else "[red]no",
            f"{trial.final_distance:.3f}",
            f"{trial.joint_error:.3f}",
            str(trial.steps),
            f"{trial.seconds:.1f}",
            Text(trial.message, style="red"),
        )
    return table


def failure(console: Console, message: str, log: Path | None) -> None:
    """Say why the demo ended early, with the end of the log of the node to blame."""
    console.print(f"[bold red]The demo stopped:[/] {message}", highlight=False, soft_wrap=True)
    if log is not None and log.is_file():
        lines = log.read_text(errors="replace").splitlines()[-TAIL:]
        title = f"end of {log}"
        console.print(Panel(Text("\n".join(lines) or "(nothing)"), title=title, title_align="left", style="dim"))


def _sign(name: str, works: bool) -> str:
    return f"[green]✓[/] {name}" if works else f"[yellow]…[/] {name}"


def _news(phase: str, distance: float, step: int, p_value: float) -> str:
    return f"{phase:<8} distance {distance:.3f}  step {step:>3}  surprise p {p_value:.3f}"
