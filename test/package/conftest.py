from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOOLS = (
    *("bash", "cat", "cut", "dirname", "env", "find", "flock", "getconf", "mkdir", "mv"),
    *("printf", "rm", "sha256sum", "sort", "tail", "tee", "uname", "xargs"),
)

Execute = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def execute() -> Execute:
    """Run a command to its end; what it said comes back as text, standard error included."""

    def run(*command: str | Path, timeout: float = 60.0, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=timeout,
            check=False,
            **options,
        )

    return run


@pytest.fixture(scope="session")
def environment(repository: Path) -> Path:
    """The .venv that `make setup` made; a robot with its own ROS 2 has none."""
    if not (repository / ".venv/stamps/interfaces").exists():
        pytest.skip("no .venv by `make setup` here")
    return repository / ".venv"


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine that has the usual small tools, but no compiler, cmake or Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or pytest.fail(f"this machine has no {tool}"))
    return {"PATH": str(folder), "HOME": os.environ.get("HOME", "/")}
