"""The demo's nodes: processes of their own, in a ROS domain of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from jepa_ros.paths import shipped
from jepa_ros.ros.client.domains import NoFreeDomain, free_domain
from jepa_ros.ros.client.processes import Processes

CONTRACT = shipped("config/contracts/planar_arm.yaml")
MODEL = shipped("models/planar_arm")
LAST_DOMAIN = 232


class DemoError(Exception):
    """The demo can't go on; ``node`` is the one to blame, where one is."""

    def __init__(self, message: str, node: str = ""):
        super().__init__(message)
        self.node = node


@contextmanager
def running_nodes(output: Path, seed: int) -> Iterator[Processes]:
    """Simulator, world model and planner on this machine only; this process is put into their ROS domain.

    A ROS_DOMAIN_ID that the user has set is used, whoever else is there. Raises DemoError where none can be had.
    """
    try:
        with _domain() as domain, Processes(output / "logs", domain) as processes:
            robot, mind = ("-p", f"contract:={CONTRACT}"), ("-p", f"model:={MODEL}")
            processes.node("simulator", *robot, "-p", f"seed:={seed}")
            processes.node("world_model", *robot, *mind)
            processes.node("planner", *robot, *mind, "-p", f"memory:={output / 'memory'}")
            os.environ.update(processes.environment)
            yield processes
    except NoFreeDomain as error:
        raise DemoError(str(error)) from error


def check_alive(processes: Processes) -> None:
    """Raise DemoError where a node has ended by itself."""
    for name in processes.dead():
        raise DemoError(f"the node {name} ended with status {processes.running[name].returncode}", name)


def _domain() -> AbstractContextManager[int]:
    chosen = os.environ.get("ROS_DOMAIN_ID")
    if not chosen:
        return free_domain()
    if not (chosen.isdecimal() and int(chosen) <= LAST_DOMAIN):
        raise DemoError(f"ROS_DOMAIN_ID is {chosen!r}; allowed: 0 to {LAST_DOMAIN}, or unset for a free one")
    return nullcontext(int(chosen))
