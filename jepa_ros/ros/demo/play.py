"""The demo from ready nodes to the last goal, on the terminal as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from jepa_ros.contract import load_contract
from jepa_ros.ros.client.client import Client, ClientError
from jepa_ros.ros.demo import show
from jepa_ros.ros.demo.nodes import CONTRACT, DemoError
from jepa_ros.ros.demo.readiness import wait_until_ready
from jepa_ros.ros.demo.scenario import pursue, show_goals
from jepa_ros.ros.demo.trial import Trial


@dataclass(frozen=True)
class Played:
    """What came of it, with the model that it was done with and how long the parts took (s)."""

    trials: list[Trial]
    model: str
    seconds: dict[str, float]


def play(goals: int, seed: int, console: Console, check: Callable[[], None], began: float) -> Played:
    """Show the robot its goals and send it to each.

    ``check`` raises when it is over: a node has died, or the user wants no more. ``began`` is when the nodes were
    started (time.monotonic). Raises DemoError.
    """
    try:
        with Client(load_contract(CONTRACT), name="demo") as client:
            return _play(client, goals, seed, console, check, began)
    except ClientError as error:
        check()  # a node that died is the better explanation
        raise DemoError(str(error)) from error


def _play(client: Client, goals: int, seed: int, console: Console, check: Callable[[], None], began: float) -> Played:
    times = [began]
    with show.starting(console) as tell:
        model = wait_until_ready(client, check, tell)
    times.append(time.monotonic())
    show.step(console, f"simulator, world model and planner work, {times[1] - began:.1f} s after their start")
    with show.counting(console, "the arm is brought to its goals, and the camera keeps them", goals) as count:
        targets = list(map(count, show_goals(client, goals, seed, check)))
    times.append(time.monotonic())
    show.step(console, "the camera has an image of every goal; now the arm looks for its way to each")
    with show.Pursuits(console, goals) as pursuits:
        trials = []
        for number, target in enumerate(targets, start=1):
            trials.append(pursue(client, number, target, check, pursuits.begin(number)))
            pursuits.end(trials[-1])
    check()
    times.append(time.monotonic())
    parts = ("starting", "showing_goals", "reaching_goals")
    seconds = {part: round(after - before, 1) for part, before, after in zip(parts, times, times[1:])}
    return Played(trials, model, seconds)
