"""One command line over the whole package: ``python -m jepa_ros``, or ``ros2 run jepa_ros jepa_ros`` on a robot.

Every command is a function in ``commands/`` whose arguments are its options. Rooms are imported inside, so that
``--help`` is quick.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

import tyro
from rich.console import Console

from jepa_ros.commands.demo import demo
from jepa_ros.commands.evaluate import evaluate
from jepa_ros.commands.explore import explore
from jepa_ros.commands.inspect import inspect
from jepa_ros.commands.move import move
from jepa_ros.commands.record import record
from jepa_ros.commands.remember import remember
from jepa_ros.commands.run import run, run_node
from jepa_ros.commands.train import train


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status. What a user can mend is one line on standard error, not a traceback."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments[:1] == ["run"]:
        return run_node(arguments[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to end as orderly as with Ctrl-C
    commands = {
        "demo": demo,
        "record": record,
        "train": train,
        "evaluate": evaluate,
        "remember": remember,
        "explore": explore,
        "inspect": inspect,
        "move": move,
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


def _expected_errors() -> tuple[type[Exception], ...]:
    """Errors that say all that a user needs to know."""
    from jepa_ros.contract import ContractError
    from jepa_ros.data.recording import RecordingError
    from jepa_ros.training import TrainingError
    from jepa_ros.world_model import ModelError

    return ContractError, RecordingError, TrainingError, ModelError, OSError, ValueError
