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

CONTRACT = shipped("config/contracts/planar_arm.yaml")
MODEL = shipped("models/planar_arm")
SEED = 20_261_122  # of start and goal poses; training and evaluation draw theirs from other seeds
ALL = ("simulator", "world_model", "planner")


def planar_arm_contract() -> Contract:
    """The contract of the robot that everything here is measured on."""
    return load_contract(CONTRACT)


def parameters(name: str) -> list[str]:
    """ROS arguments of a node."""
    values = {"contract": CONTRACT} if name == "simulator" else {"contract": CONTRACT, "model": MODEL}
    return [part for key, value in values.items() for part in ("-p", f"{key}:={value}")]


def start(processes: Processes, name: str, *more: str) -> None:
    """Start a node as a process, with further ROS arguments; a planner keeps goals beside its log."""
    memory = ("-p", f"memory:={processes.logs}") if name == "planner" else ()
    processes.node(name, *parameters(name), *memory, *more)


@contextmanager
def running(names: Sequence[str] = ALL, more: Mapping[str, Sequence[str]] = {}) -> Iterator[Processes]:
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
            start(processes, name, *more.get(name, ()))
        try:
            yield processes
        finally:
            dead = processes.dead()
            if dead:
                raise ClientError("\n".join(f"{name} ended: {processes.log(name)[-1000:]}" for name in dead))


@contextmanager
def robot() -> Iterator[Client]:
    """A client of the whole robot, as soon as it is ready."""
    with running(), Client(planar_arm_contract()) as client:
        client.wait_until_ready()
        yield client
