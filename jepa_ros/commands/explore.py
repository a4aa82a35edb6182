"""``explore``: fill a robot's memory with places and ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

if TYPE_CHECKING:
    from jepa_ros.contract import Contract
    from jepa_ros.world_model import WorldModel


def explore(
    model: Annotated[str, tyro.conf.Positional],
    minutes: float = 10.0,
    coverage: float = 0.0,
    namespace: str = "",
    simulate: bool = False,
    memory: Path = Path("~/.ros/jepa_ros"),
    layout: str = "living_room",
    seed: int = 0,
) -> int:
    """Go where the robot's memory is thin, within its limits, until enough is covered. Ctrl-C stops the robot.

    The exit status is 1 where time was up before.

    Args:
        model: model directory, or id on the Hugging Face Hub, that the robot runs.
        minutes: longest time to take.
        coverage: share of what is foreseen from remembered places that is to be known, up to 1; 0 is the usual one.
        namespace: the live robot's, whose world model and planner must run.
        simulate: step the embedded robot faster than real time instead.
        memory: folder of the simulated robot's memory, as the planner's parameter names it; what is there grows.
        layout: how a simulated room is furnished: living_room, dining_room, studio or random:<seed>.
        seed: of the simulated robot.
    """
    from jepa_ros.commands.show.terminal import console, progress_bar
    from jepa_ros.memory.exploration import COVERAGE
    from jepa_ros.world_model import WorldModel

    mind, coverage = WorldModel.from_pretrained(model), coverage or COVERAGE
    with progress_bar("exploring") as tell:
        if simulate:
            places, covered = _simulated(mind, memory.expanduser(), minutes * 60, coverage, layout, seed, tell)
        else:
            places, covered = _live(mind.contract, namespace, minutes * 60, coverage, tell)
    console.print(f"{places} places remembered, {covered:.0%} of what is foreseen from them known", soft_wrap=True)
    return 0 if covered >= coverage else 1


def _simulated(
    model: WorldModel,
    folder: Path,
    seconds: float,
    coverage: float,
    layout: str,
    seed: int,
    tell: Callable[[float, float], None],
) -> tuple[int, float]:
    """Places remembered and coverage, after the embedded robot has explored."""
    import torch

    from jepa_ros.evaluation.driving import drive
    from jepa_ros.evaluation.robot import Watcher
    from jepa_ros.memory import Exploration, Memory
    from jepa_ros.planning import Planner
    from jepa_ros.simulation.embedded import Setting
    from jepa_ros.simulation.simulators import simulator_of

    torch.set_num_threads(1)
    robot = simulator_of(model.contract, Setting(seed, layout)).anywhere(seed)
    with Memory.open(folder, model) as memory:
        exploration = Exploration(memory, Planner(model.contract.limits), coverage, seconds, robot.now_ns * 1e-9, seed)
        drive(Watcher(model, robot, memory), lambda now: exploration, tell=lambda step: tell(step.progress, 1.0))
        return len(memory), exploration.coverage


def _live(
    contract: Contract, namespace: str, seconds: float, coverage: float, tell: Callable[[float, float], None]
) -> tuple[int, float]:
    """The same of a robot that runs."""
    from jepa_ros.ros.client.client import Client, ClientError
    from jepa_ros.ros.goals.remedies import CODES

    with Client(contract, namespace, "jepa_explore") as client:
        pending = client.explore(coverage, seconds, on_feedback=lambda heard: tell(heard.coverage, coverage))
        try:
            result = pending.wait(seconds + 10.0).result
        except KeyboardInterrupt:
            pending.cancel()
            result = pending.wait(10.0).result
    if result.error_code not in (CODES.NONE, CODES.TIMED_OUT, CODES.CANCELED):
        raise ClientError(result.error_msg)
    return result.places, result.coverage
