"""One command line over the whole package: ``python -m jepa_ros``, or ``ros2 run jepa_ros jepa_ros`` on a robot.

Every command is a function whose arguments are its options. Rooms are imported inside, so that ``--help`` is quick.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console

from jepa_ros.paths import shipped

NODES = {
    "world_model": "jepa_ros.ros.nodes.world_model_node",
    "planner": "jepa_ros.ros.nodes.planner_node",
    "simulator": "jepa_ros.ros.nodes.simulator_node",
    "container": "jepa_ros.ros.nodes.container",
}
RUN_HELP = f"""usage: jepa_ros run NODE [--ros-args …]

Run one node in this process until Ctrl-C. NODE is one of {", ".join(NODES)}.
ROS arguments are passed on, for example
  jepa_ros run planner --ros-args -r __ns:=/robot --params-file config/params/planner.yaml"""

console = Console()


def demo(output: Path = Path("demo_output"), goals: int = 5, seed: int = 0, client: bool = False) -> int:
    """Move a simulated arm to goal images, end to end over ROS 2, and show how it went.

    Args:
        output: folder for the video, the picture, result.json and the nodes' logs.
        goals: how many goals to reach.
        seed: of the start and goal poses.
        client: only send goals; simulator, world model and planner run already (demo.launch.py does this).
    """
    from jepa_ros.ros.demo import run_demo

    return run_demo(output, goals, seed, console, client)


def record(
    bag: Annotated[Path, tyro.conf.Positional],
    contract: Path = shipped("config/contracts/planar_arm.yaml"),
    minutes: float = 20.0,
    seed: int = 0,
    simulate: bool = False,
    drive: bool = True,
    namespace: str = "",
) -> int:
    """Explore within the contract's limits and record a bag (MCAP) to train on.

    Args:
        bag: folder of the bag to be.
        contract: the robot's contract.
        minutes: how long.
        seed: of the random motion.
        simulate: step the embedded robot faster than real time; without it a running robot is recorded, live.
        drive: send exploring commands; --no-drive records while somebody else drives.
        namespace: the live robot's.
    """
    from jepa_ros.contract import load_contract
    from jepa_ros.data.audit import audit_bag
    from jepa_ros.terminal import audit_table, progress_bar

    robot = load_contract(contract)
    with progress_bar(console, "recording") as tell:
        if simulate:
            from jepa_ros.simulation.recording import record_exploration

            record_exploration(robot, bag, minutes * 60, seed, tell)
        else:
            from jepa_ros.ros.nodes.recorder import record_live

            record_live(robot, bag, minutes * 60, seed, drive, namespace, tell)
    console.print(audit_table(audit_bag(bag, robot, namespace)))
    return 0


def train(
    bags: Annotated[tuple[Path, ...], tyro.conf.Positional],
    output: Path,
    contract: Path | None = None,
    steps: int = 2500,
    seed: int = 0,
    device: str = "cpu",
    namespace: str = "",
) -> int:
    """Train a world model on recorded bags and write its model directory.

    Args:
        bags: one or more bags, or folders of bags.
        output: the model directory to be; its name becomes the model's.
        contract: the robot's contract; by default the one inside the first bag.
        steps: training steps.
        seed: of everything random.
        device: torch device.
        namespace: the robot's, where bags hold several robots.
    """
    import torch

    from jepa_ros.data.episodes import load_episodes
    from jepa_ros.terminal import progress_bar, training_bar
    from jepa_ros.training import Recipe, make_model, save

    torch.set_num_threads(1)
    robot = _contract_for(bags, contract)
    with progress_bar(console, "decoding") as tell:
        episodes = load_episodes(bags, robot, namespace, tell, warn=lambda text: console.print(f"[yellow]{text}"))
    with training_bar(console) as show:
        made = make_model(robot, episodes, Recipe(steps=steps, seed=seed), output.name, device, show)
    save(made, output)
    console.print(f"model written to {output}, trained in {made.facts.cpu:.0f} CPU seconds")
    return 0


def evaluate(
    models: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    compare: tuple[str, ...] = (),
    data: tuple[Path, ...] = (),
    simulate: float = 5.0,
    trials: int = 50,
    output: Path = Path("evaluation"),
    namespace: str = "",
) -> int:
    """Measure world models and write a report: report.html, its pictures (PNG) and evaluation.json.

    Args:
        models: model directories, or ids on the Hugging Face Hub; several stand side by side.
        compare: more models to put beside them.
        data: bags that no model was trained on; without them the embedded robot explores.
        simulate: minutes for which it does.
        trials: goals to reach in the embedded simulator, where it has this robot; 0 simulates nothing but data.
        output: folder of the report.
        namespace: the robot's, where bags hold several robots.
    """
    import torch

    from jepa_ros.data.episodes import load_episodes
    from jepa_ros.evaluation.evaluate import Effort
    from jepa_ros.evaluation.evaluate import evaluate as measure
    from jepa_ros.evaluation.figures import key_figures
    from jepa_ros.evaluation.models import load_models
    from jepa_ros.evaluation.report import write_report
    from jepa_ros.simulation.exploring import explored_episodes
    from jepa_ros.simulation.stepped import simulator_of
    from jepa_ros.terminal import figures_table, progress_bar

    torch.set_num_threads(1)
    loaded = load_models([*models, *compare])
    robot = next(iter(loaded.values())).contract
    with progress_bar(console, "reading" if data else "exploring") as tell:
        if data:
            episodes = load_episodes(data, robot, namespace, tell, warn=lambda text: console.print(f"[yellow]{text}"))
        else:
            episodes = explored_episodes(robot, simulate * 60, tell)
    simulator = simulator_of(robot) if trials else None
    evaluations = []
    for label, model in loaded.items():
        with progress_bar(console, f"evaluating {label}") as tell:
            evaluations.append(measure(model, label, episodes, simulator, Effort(trials=trials), tell))
    source = ", ".join(map(str, data)) or f"{simulate:g} minutes of simulated exploration"
    report = write_report(evaluations, output, source)
    console.print(figures_table(key_figures(evaluations), list(loaded)))
    console.print(f"report written to {report}")
    return 0


def inspect(path: Annotated[Path, tyro.conf.Positional], contract: Path | None = None) -> int:
    """Say what a contract, a bag or a model directory holds, and whether it fits a contract.

    Args:
        path: a contract file, a bag or a model directory.
        contract: the contract that it should fit; a bag's or a model's own by default.
    """
    from jepa_ros.terminal import inspection

    console.print(inspection(path, contract))
    return 0


def run() -> int:
    """Run one node: run {world_model,planner,simulator,container} [--ros-args …]."""
    console.print(RUN_HELP, highlight=False)
    return 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status. What a user can mend is one line on standard error, not a traceback."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["run"]:
        return _run_node(arguments[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to end as orderly as with Ctrl-C
    commands = {
        "demo": demo,
        "record": record,
        "train": train,
        "evaluate": evaluate,
        "inspect": inspect,
        "run": run,
    }
    try:
        return tyro.extras.subcommand_cli_from_dict(
            commands, prog="jepa_ros", description="JEPA world models for ROS 2 robots.", args=arguments
        )
    except KeyboardInterrupt:
        return 130
    except _expected_errors() as error:
        Console(stderr=True).print(f"[red]{type(error).__name__}[/]: {error}", highlight=False, soft_wrap=True)
        return 1


def _run_node(arguments: list[str]) -> int:
    """Hand the process over to a node; everything after its name goes to ROS."""
    if not arguments or arguments[0] not in NODES:
        console.print(RUN_HELP, highlight=False)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    return import_module(NODES[arguments[0]]).main([f"jepa_ros run {arguments[0]}", *arguments[1:]])


def _contract_for(bags: Sequence[Path], path: Path | None) -> object:
    from jepa_ros.contract import Contract, load_contract
    from jepa_ros.data.bag import BagError, find_bags, read_bag

    if path is not None:
        return load_contract(path)
    first = find_bags(bags)[0]
    with read_bag(first) as bag:
        if bag.contract_text is None:
            raise BagError(f"{first} holds no contract; name the robot's with --contract")
        return Contract.parse(bag.contract_text, name=f"{first}: its contract")


def _expected_errors() -> tuple[type[Exception], ...]:
    """Errors that say all that a user needs to know."""
    from jepa_ros.contract import ContractError
    from jepa_ros.data.bag import BagError
    from jepa_ros.training import TrainingError
    from jepa_ros.world_model import ModelError

    return ContractError, BagError, TrainingError, ModelError, FileNotFoundError, ValueError
