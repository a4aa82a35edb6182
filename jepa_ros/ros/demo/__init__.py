"""The demo: a simulated arm finds its way to goal images, end to end over ROS 2, and one can watch.

Modules that bring torch or rclpy along are imported when the nodes already start, side by side with them.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console

from jepa_ros.ros.demo.nodes import DemoError, check_alive, running_nodes

RESULTS = ("demo.gif", "demo.png", "result.json")


def run_demo(output: Path, goals: int, seed: int, console: Console, client: bool = False) -> int:
    """Run the whole demo; returns 0 where every goal was reached.

    Args:
        output: folder for demo.gif, demo.png, result.json and the nodes' logs; an earlier demo's are replaced.
        goals: how many goals, at least 1.
        seed: of the start and the goals.
        console: where to show it.
        client: the nodes run already (launch started them): only send goals.
    """
    from jepa_ros.ros.demo import show

    try:
        _prepare(output, goals)
        return _demonstrate(output, goals, seed, console, client)
    except DemoError as error:
        show.failure(console, str(error), output / "logs" / f"{error.node}.log" if error.node else None)
        return 1


def _demonstrate(output: Path, goals: int, seed: int, console: Console, client: bool) -> int:
    """Play, draw, tell. The nodes have ended when drawing begins."""
    began = time.monotonic()
    with ExitStack() as stack:
        check_interrupts = stack.enter_context(_interrupts())
        processes = None if client else stack.enter_context(running_nodes(output, seed))
        from jepa_ros.ros.demo.play import play

        def check() -> None:
            check_interrupts()
            if processes:
                check_alive(processes)

        try:
            played = play(goals, seed, console, check, began)
        except KeyboardInterrupt:
            console.print("interrupted; ending the nodes" if processes else "interrupted")
            raise
    from jepa_ros.ros.demo import show
    from jepa_ros.ros.demo.results import tolerance, write_results

    with console.status("drawing what happened"):
        write_results(played, seed, output)
    reached = sum(trial.reached for trial in played.trials)
    console.print()
    console.print(show.summary(played.trials, tolerance()))
    console.print(f"\n[bold]{reached} of {goals} goals reached.[/] {', '.join(RESULTS)} are in {output}/")
    return 0 if reached == goals else 1


@contextmanager
def _interrupts() -> Iterator[Callable[[], None]]:
    """A function that raises KeyboardInterrupt where Ctrl-C or SIGTERM has come and was lost.

    Both raise it at once too, but what is raised in the midst of a library's destructor or callback goes no further.
    """
    came = []

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        came.append(number)
        raise KeyboardInterrupt

    def check() -> None:
        if came:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _prepare(output: Path, goals: int) -> None:
    """Make the output folder, try it, and take old results out. Raises DemoError where the demo could not end well."""
    if goals < 1:
        raise DemoError(f"{goals} goals; allowed: 1 or more")
    try:
        output.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=output).close()
        for name in RESULTS:
            (output / name).unlink(missing_ok=True)
    except OSError as error:
        raise DemoError(f"can't write into the output folder {output}: {error.strerror}") from error
