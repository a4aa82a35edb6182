"""`make setup`: what it needs, what it leaves alone, and that what it made works from any shell."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest


@pytest.fixture
def copy(tmp_path: Path, repository: Path) -> Path:
    """What the set-up reads, in a fresh place."""
    for folder in ("tools", "requirements", "jepa_ros_interfaces"):
        shutil.copytree(repository / folder, tmp_path / "copy" / folder)
    return tmp_path / "copy"


@pytest.mark.usefixtures("environment")
def test_a_second_set_up_finds_nothing_to_do_and_needs_nothing(repository, execute, bare_machine):
    again = execute(repository / "tools/setup", env=bare_machine, timeout=5)
    assert (again.returncode, again.stdout) == (0, "")


def test_a_path_with_a_space_is_refused_at_once_with_the_reason(copy, execute):
    elsewhere = copy.rename(copy.with_name("my robots"))
    refused = execute(elsewhere / "tools/setup", timeout=5)
    assert refused.returncode == 1
    assert "my robots' has a space" in refused.stdout
    assert not (elsewhere / ".venv").exists()


def test_missing_tools_are_named_with_the_command_that_installs_them(copy, execute, bare_machine):
    (Path(bare_machine["PATH"]) / "python3").symlink_to(sys.executable)
    refused = execute(copy / "tools/setup", env=bare_machine, timeout=10)
    assert refused.returncode == 1
    assert "sudo apt install cmake g++ make" in refused.stdout
    assert not (copy / ".venv").exists()


def test_a_python_that_is_not_supported_is_refused_with_the_command_that_installs_one(copy, execute, bare_machine):
    for environment in (bare_machine, {**os.environ, "PYTHON": "/bin/false"}):
        refused = execute(copy / "tools/setup", env=environment, timeout=10)
        assert refused.returncode == 1
        assert "needs Python 3.10, 3.11, 3.12 or 3.13" in refused.stdout
        assert "sudo apt install python3 python3-venv python3-dev" in refused.stdout


@pytest.mark.usefixtures("environment")
def test_the_interpreter_of_the_environment_works_from_an_empty_shell_and_any_folder(repository, execute, tmp_path):
    script = (
        "import jepa_ros, jepa_ros_interfaces.msg as msg\n"
        "from rclpy.serialization import serialize_message\n"
        "print(len(serialize_message(msg.Goal(kind=msg.Goal.NAMED, name='home'))) > 0)"
    )
    result = execute(repository / ".venv/bin/python", "-c", script, env={}, cwd=tmp_path)
    assert result.stdout == "True\n"


@pytest.mark.usefixtures("environment")
def test_run_keeps_another_ros_out(repository, execute):
    foreign = {
        "PYTHONPATH": "/opt/ros/humble/lib/python3.10/site-packages",
        "AMENT_PREFIX_PATH": "/opt/ros/humble",
        "RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp",
    }
    script = "import os, rclpy.node; print(os.environ['AMENT_PREFIX_PATH'], os.environ.get('PYTHONPATH'))"
    result = execute(repository / "tools/run", "python", "-c", script, env={**os.environ, **foreign})
    assert result.stdout == f"{repository / '.venv'} None\n"
