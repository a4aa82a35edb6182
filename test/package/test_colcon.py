"""The workspace as a user builds it, and the nodes as they start from what was installed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EXECUTABLES = {"world_model", "planner", "simulator", "container", "jepa_ros"}
SHARED = ("config", "launch", "models")
WAIT = 20.0  # s, for a node to start and be discovered


@dataclass(frozen=True)
class Installed:
    """An install folder, and how to run something in a shell that has sourced it."""

    folder: Path
    repository: Path

    def command(self, *command: str | Path) -> list[str]:
        script = f"set +u; source '{self.folder}/setup.bash' && exec \"$@\""
        return [str(self.repository / "tools/run"), "bash", "-c", script, "_", *map(str, command)]


def colcon_build(execute, workspace: Path, prefix: list[str], *options: str) -> None:
    build = execute(*prefix, "colcon", "build", *options, cwd=workspace, timeout=240)
    assert build.returncode == 0, build.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, repository) -> Path:
    """The repository and, because colcon does not look inside a package, its interface package beside it."""
    source = tmp_path_factory.mktemp("workspace") / "src"
    source.mkdir()
    (source / "jepa_ros").symlink_to(repository)
    (source / "jepa_ros_interfaces").symlink_to("jepa_ros/jepa_ros_interfaces")
    return source.parent


@pytest.fixture(scope="module")
def plain(workspace, environment, repository, execute) -> Installed:
    """`colcon build`."""
    colcon_build(
        execute,
        workspace,
        [str(repository / "tools/run")],
        "--cmake-args",
        f"-DCMAKE_PROJECT_INCLUDE={repository}/tools/strip_foreign_includes.cmake",
    )
    return Installed(workspace / "install", repository)


@pytest.fixture(scope="module")
def linked(plain, tmp_path_factory, repository, execute) -> Installed:
    """`colcon build --symlink-install`, of jepa_ros alone on top of the interfaces that are there already."""
    workspace = tmp_path_factory.mktemp("linked")
    (workspace / "src").mkdir()
    (workspace / "src/jepa_ros").symlink_to(repository)
    colcon_build(execute, workspace, plain.command(), "--symlink-install")
    return Installed(workspace / "install", repository)


@pytest.fixture(params=["plain", "linked"])
def installed(request) -> Installed:
    return request.getfixturevalue(request.param)


@pytest.fixture
def graph(monkeypatch) -> Iterator[object]:
    """A node that looks at the graph in which the installed nodes start, which nobody else uses."""
    import rclpy

    from jepa_ros.ros.client.domains import free_domain

    with free_domain() as domain:
        monkeypatch.setenv("ROS_DOMAIN_ID", str(domain))
        monkeypatch.setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
        context = rclpy.Context()
        rclpy.init(context=context)
        node = rclpy.create_node("observer", context=context)
        yield node
        node.destroy_node()
        rclpy.shutdown(context=context)


@pytest.mark.usefixtures("environment")
def test_colcon_sees_both_packages_with_their_build_types(workspace, repository, execute):
    listed = execute(repository / "tools/run", "colcon", "list", cwd=workspace).stdout.splitlines()
    kinds = {line.split("\t")[0]: line.split("\t")[-1] for line in listed}
    assert kinds == {"jepa_ros": "(ros.ament_python)", "jepa_ros_interfaces": "(ros.ament_cmake)"}


def test_ros2_run_would_find_every_executable(installed):
    folder = installed.folder / "jepa_ros/lib/jepa_ros"
    assert {path.name for path in folder.iterdir()} == EXECUTABLES
    assert all(os.access(path, os.X_OK) for path in folder.iterdir())


def test_every_shared_file_is_installed(installed, repository):
    wanted = {
        path.relative_to(repository)
        for folder in SHARED
        for path in (repository / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    share = installed.folder / "jepa_ros/share/jepa_ros"
    assert {path for path in wanted if not (share / path).is_file()} == set()


def test_the_installed_package_is_the_one_that_is_imported(installed, execute, tmp_path):
    script = "import jepa_ros, jepa_ros_interfaces as i; print(jepa_ros.__file__); print(i.__file__)"
    result = execute(*installed.command("python", "-c", script), cwd=tmp_path)
    ours, interfaces = result.stdout.splitlines()
    linked = (installed.folder / "../build/jepa_ros/jepa_ros/__init__.py").resolve()
    assert ours.startswith(str(installed.folder)) or Path(ours).resolve() == linked, ours
    assert "/install/jepa_ros_interfaces/" in interfaces


@pytest.mark.parametrize("executable", ["world_model", "planner"])
def test_an_installed_node_joins_the_graph_and_ends_on_request(installed, graph, executable, tmp_path):
    arguments = ["--ros-args", "-r", "__ns:=/robot", "-p", "autostart:=false"]
    program = installed.folder / "jepa_ros/lib/jepa_ros" / executable
    process = subprocess.Popen(installed.command(program, *arguments), cwd=tmp_path)
    try:
        deadline = time.monotonic() + WAIT
        while (executable, "/robot") not in graph.get_node_names_and_namespaces():
            assert process.poll() is None, f"{executable} ended by itself"
            assert time.monotonic() < deadline, f"{executable} is not in the graph after {WAIT} s"
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=WAIT) == 0
    finally:
        process.kill()
        process.wait()


def test_the_installed_command_line_finds_what_the_package_ships(installed, execute, tmp_path):
    share = installed.folder / "jepa_ros/share/jepa_ros"
    program = installed.folder / "jepa_ros/lib/jepa_ros/jepa_ros"
    result = execute(*installed.command(program, "inspect", share / "models/planar_arm"), cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert "planar_arm" in result.stdout
    script = "from jepa_ros.paths import shipped; print(shipped('models/planar_arm/config.json').is_file())"
    assert execute(*installed.command("python", "-c", script), cwd=tmp_path).stdout == "True\n"
