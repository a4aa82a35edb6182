"""The launch files, read by the real launch. There is no wheel of it: without a ROS 2 installation these skip."""

from __future__ import annotations

from pathlib import Path

import pytest

from jepa_ros.ros.base.transport import OLD_PROFILE, PROFILE, VARIABLES

ARGUMENTS = {
    "autostart",
    "composed",
    "contract",
    "log_level",
    "model",
    "namespace",
    "params_file",
    "use_sim_time",
}


@pytest.fixture
def context():
    """Where launch keeps what it knows."""
    reason = "launch and launch_ros are not installed here: the launch files stay unchecked"
    pytest.importorskip("launch_ros.actions", reason=reason)
    return pytest.importorskip("launch.launch_context", reason=reason).LaunchContext()


@pytest.fixture
def start(repository, context):
    """The nodes that a launch file would start with these arguments; nothing is started."""
    from launch.actions import ExecuteProcess
    from launch.launch_description_sources import PythonLaunchDescriptionSource
    from launch_ros.actions import Node

    def unfold(entity):
        for child in entity.visit(context) or ():
            yield from [child] if isinstance(child, ExecuteProcess) else unfold(child)

    def run(name: str, **arguments: str) -> list[Node]:
        context.launch_configurations.update(arguments)
        path = str(repository / "launch" / name)
        description = PythonLaunchDescriptionSource(path).get_launch_description(context)
        return [action for action in unfold(description) if isinstance(action, Node)]

    return run


@pytest.mark.parametrize(("composed", "processes"), [("false", ["world_model", "planner"]), ("true", ["container"])])
def test_a_robot_gets_a_process_per_node_or_one_for_both(start, composed, processes):
    nodes = start("jepa.launch.py", composed=composed)
    assert [node.node_executable for node in nodes] == processes


def test_the_launch_file_takes_all_documented_arguments(start, context):
    start("jepa.launch.py")
    assert context.launch_configurations.keys() >= ARGUMENTS


def test_the_demo_starts_a_robot_beside_world_model_and_planner(start):
    nodes = start("demo.launch.py")
    assert sorted(node.node_executable for node in nodes) == ["planner", "simulator", "world_model"]


def test_images_get_a_transport_that_carries_them(start, context, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    start("jepa.launch.py")
    assert Path(context.environment.get(PROFILE) or context.environment[OLD_PROFILE]).is_file()


def test_a_transport_that_the_user_has_chosen_stays(start, context, monkeypatch):
    monkeypatch.setenv("FASTDDS_BUILTIN_TRANSPORTS", "UDPv4")
    for name in (PROFILE, OLD_PROFILE):
        monkeypatch.delenv(name, raising=False)
    start("jepa.launch.py")
    assert context.environment["FASTDDS_BUILTIN_TRANSPORTS"] == "UDPv4"
    assert not {PROFILE, OLD_PROFILE} & context.environment.keys()
