"""The robot's nodes as processes, as a user runs them: on this machine only, in a ROS domain of their own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from jepa_ros.contract import Contract, load_contract
from jepa_ros.paths import shipped
from jepa_ros.ros.client.client import Client, ClientError
from jepa_ros.ros.client.domains import free_domain
from jepa_ros.ros.client.processes import Processes

ARM = "planar_arm"
CONTRACT = shipped(f"config/contracts/{ARM}.yaml")
MODEL = shipped(f"models/{ARM}")
SEED = 20_261_122  # of start and goal poses; training and evaluation draw theirs from other seeds
ALL = ("simulator", "world_model", "planner")


def planar_arm_contract() -> Contract:
    """The contract of the robot that everything here is measured on."""
    return load_contract(CONTRACT)


def parameters(name: str, kind: str = ARM) -> list[str]:
    """ROS arguments of a node of this kind of robot."""
    files = {"contract": shipped(f"config/contracts/{kind}.yaml"), "model": shipped(f"models/{kind}")}
    wanted = ("contract",) if name == "simulator" else ("contract", "model")
    return [part for key in wanted for part in ("-p", f"{key}:={files[key]}")]


def start(processes: Processes, name: str, *more: str, kind: str = ARM) -> None:
    """Start a node as a process, with further ROS arguments; what the planner remembers lies beside its log."""
    memory = ("-p", f"memory:={processes.logs}") if name in ("planner", "container") else ()
    processes.node(name, *parameters(name, kind), *memory, *more)


@contextmanager
def running(names: Sequence[str] = ALL, more: Mapping[str, Sequence[str]] = {}, kind: str = ARM) -> Iterator[Processes]:
    """These nodes, each in a process of its own, with ``more`` ROS arguments; this process can talk to them.

    Raises ClientError with the end of a node's log where one ended by itself meanwhile.
    """
    with (
        free_domain() as domain,
        tempfile.TemporaryDirectory() as folder,
        Processes(Path(folder), domain) as processes,
    ):
        os.environ.update(processes.environment)
        for name in names:
            start(processes, name, *more.get(name, ()), kind=kind)
        try:
            yield processes
        finally:
            dead = processes.dead()
            if dead:
                raise ClientError("\n".join(f"{name} ended: {processes.log(name)[-1000:]}" for name in dead))


@contextmanager
def robot(kind: str = ARM, more: Mapping[str, Sequence[str]] = {}) -> Iterator[Client]:
    """A client of the whole robot, as soon as it is ready; its nodes get ``more`` ROS arguments."""
    with running(more=more, kind=kind), Client(load_contract(shipped(f"config/contracts/{kind}.yaml"))) as client:
        client.wait_until_ready()
        yield client
