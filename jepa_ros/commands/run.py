"""``run``: one node in this process."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from jepa_ros.commands.show.terminal import console

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


def run() -> int:
    """Run one node: run {world_model,planner,simulator,container} [--ros-args …]."""
    console.print(RUN_HELP, highlight=False)
    return 2


def run_node(arguments: list[str]) -> int:
    """Hand the process over to a node; everything after its name goes to ROS."""
    if not arguments or arguments[0] not in NODES:
        console.print(RUN_HELP, highlight=False)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    with _uncollected():
        node = import_module(NODES[arguments[0]])
    return node.main([f"jepa_ros run {arguments[0]}", *arguments[1:]])


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage while modules are imported: half a second, and there is none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
