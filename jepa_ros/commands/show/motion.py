"""A motion through goals, as it happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.status import Status


class Motion:
    """A line that tells how far the next goal is, and one for each that lies behind. Use as a context manager."""

    def __init__(self, console: Console, goals: Sequence[str]):
        self._console, self._goals, self._number = console, goals, 1
        self._line = Status("waiting for the planner", console=console)

    def __enter__(self) -> Motion:
        self._line.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._line.stop()

    def hear(self, number: int, feedback: Any) -> None:
        """Take in feedback of move_to_goal for the goal of this number, from 1."""
        for passed in range(self._number, number):
            self._say("[green]✓[/]", passed, "passed")
        self._number = number
        news = f"distance {feedback.distance:.3f}  surprise p {feedback.p_value:.3f}"
        self._line.update(f"{feedback.phase}: {self._name(number)}  {news}")

    def end(self, number: int, result: Any) -> None:
        """Take in the result of move_to_goal for the last goal that was gone for."""
        for passed in range(self._number, number):
            self._say("[green]✓[/]", passed, "passed")
        how = f"distance {result.final_distance:.3f}"
        if result.error_msg:
            self._say("[red]✗[/]", number, f"{result.error_msg} (error {result.error_code})")
        else:
            self._say("[green]✓[/]", number, f"reached, {how}")

    def _say(self, mark: str, number: int, words: str) -> None:
        self._console.print(f"{mark} {self._name(number)}", words, highlight=False, soft_wrap=True)

    def _name(self, number: int) -> str:
        return f"{self._goals[number - 1]} ({number}/{len(self._goals)})"
