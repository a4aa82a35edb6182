"""Nodes as processes of their own, on this machine only, and gone when their owner is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

from jepa_ros.ros.base.transport import transport

PATIENCE = 8.0  # s that a process gets to end before it is killed
PR_SET_PDEATHSIG = 1


def environment(domain: int | None = None) -> dict[str, str]:
    """The environment for ROS 2 on loopback with full-size images, in a domain or the user's."""
    chosen = {**transport(), "OMP_NUM_THREADS": "1"}
    result = {**chosen, **os.environ, "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "ROS_STATIC_PEERS": ""}
    if domain is not None:
        result["ROS_DOMAIN_ID"] = str(domain)
    return result


class Processes:
    """Starts processes and ends them all, however the block that holds them ends."""

    def __init__(self, logs: Path, domain: int | None = None):
        self.logs, self.environment = logs, environment(domain)
        self.running: dict[str, subprocess.Popen] = {}
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        processes = list(reversed(self.running.values()))
        self.running.clear()
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            _wait(process)

    def node(self, name: str, *ros_arguments: str, label: str = "") -> subprocess.Popen:
        """Start ``python -m jepa_ros run <name>`` with ROS arguments; its output goes to a log file."""
        label = label or name
        command = [sys.executable, "-m", "jepa_ros", "run", name]
        if ros_arguments:
            command += ["--ros-args", *ros_arguments]
        with (self.logs / f"{label}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self.running[label] = process
        return process

    def log(self, label: str) -> str:
        """What a process has printed so far."""
        return (self.logs / f"{label}.log").read_text(errors="replace")

    def dead(self) -> list[str]:
        """Which processes have ended by themselves."""
        return [label for label, process in self.running.items() if process.poll() is not None]

    def stop(self, label: str, number: int = signal.SIGINT) -> int:
        """End one process and return its exit status; one that does not listen is killed."""
        process = self.running.pop(label)
        process.send_signal(number)
        return _wait(process)


def _wait(process: subprocess.Popen) -> int:
    """The exit status of a process that was asked to end."""
    try:
        return process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _end_with_parent() -> None:
    """Have the kernel end this child when its parent dies, even by SIGKILL (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
