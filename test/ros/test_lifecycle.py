from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from harness.graph import Listener
from harness.places import CONTRACT, MODEL
from safetensors.torch import load_file, save_file

from jepa_ros.ros.client.client import wait_for
from jepa_ros_interfaces.msg import LatentState

NODES = ("world_model", "planner")


@pytest.fixture(scope="module")
def contract_file(tmp_path_factory) -> Path:
    """A copy of the contract, to be damaged and mended."""
    return Path(shutil.copy(CONTRACT, tmp_path_factory.mktemp("contract") / "arm.yaml"))


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("model") / "arm"


@pytest.fixture(scope="module")
def pair(start, contract_file, model_folder):
    """Nodes that wait to be configured."""
    stack, robot = start("/managed")
    for node in NODES:
        stack.start(node, autostart="false", contract=contract_file, model=model_folder)
    return stack, robot


@pytest.fixture
def stack(pair, contract_file, model_folder):
    """The nodes unconfigured, with a good contract and a good model."""
    stack, _ = pair
    shutil.copy(CONTRACT, contract_file)
    shutil.rmtree(model_folder, ignore_errors=True)
    shutil.copytree(MODEL, model_folder)
    for node in NODES:
        if stack.state(node) == "active":
            assert stack.change(node, "deactivate")
        if stack.state(node) == "inactive":
            assert stack.change(node, "cleanup")
        wait_for(lambda node=node: stack.state(node) == "unconfigured", 10.0, f"{node} unconfigured")
    return stack


def refuse(stack, node: str, *words: str) -> None:
    """The node refuses to configure, and says so in one line with these words."""
    before = stack.log(node)
    assert not stack.change(node, "configure")
    assert stack.state(node) == "unconfigured"
    (told,) = [line for line in stack.log(node).removeprefix(before).splitlines() if "ERROR" in line]
    assert "can't configure" in told
    for word in words:
        assert word in told
    assert "Traceback" not in stack.log(node)


def test_without_autostart_nodes_wait_and_do_nothing(stack, pair):
    _, robot = pair
    latents = Listener(stack.node, LatentState, "world_model/latent")
    robot.wait_images(10)
    assert latents.messages == []
    latents.close()


def test_the_whole_life_can_be_lived_twice(stack):
    for _ in range(2):
        for node in NODES:
            assert stack.change(node, "configure")
            assert stack.state(node) == "inactive"
            assert stack.change(node, "activate")
            assert stack.state(node) == "active"
        latents = Listener(stack.node, LatentState, "world_model/latent")
        latents.take(3)
        for node in NODES:
            assert stack.change(node, "deactivate")
            assert stack.change(node, "cleanup")
            assert stack.state(node) == "unconfigured"
        latents.close()


def test_nodes_that_are_cleaned_up_again_and_again_go_on_living(stack):
    """Their executors look at what cleanup destroys; one in a few hundred times that used to end the process."""
    for _ in range(15):
        for node in NODES:
            assert stack.change(node, "configure")
        for node in NODES:
            assert stack.change(node, "cleanup")
    assert all(stack.lives(node) for node in NODES)


def test_nothing_is_left_of_a_node_that_was_cleaned_up(stack):
    for node in NODES:
        assert stack.change(node, "configure")
        assert stack.change(node, "cleanup")

    def topics() -> set[str]:
        names = [name for name, _ in stack.node.get_topic_names_and_types()]
        return {name for name in names if name.startswith("/managed/") and stack.node.count_publishers(name)}

    own = {"/managed/world_model/latent", "/managed/planner/markers", "/managed/arm_controller/joint_trajectory"}
    wait_for(lambda: not topics() & own, 10.0, "publishers to be gone")


def test_a_transition_that_makes_no_sense_is_refused(stack):
    for node in NODES:
        assert not stack.change(node, "activate")
        assert stack.state(node) == "unconfigured"


def test_an_inactive_world_model_publishes_nothing(stack, pair):
    _, robot = pair
    assert stack.change("world_model", "configure")
    latents = Listener(stack.node, LatentState, "world_model/latent")
    robot.wait_images(10)
    assert latents.messages == []
    latents.close()
    assert stack.health("world_model").message == "inactive"


@pytest.mark.parametrize("node", NODES)
def test_a_missing_contract_is_refused(stack, contract_file, node):
    contract_file.unlink()
    refuse(stack, node, str(contract_file))


@pytest.mark.parametrize("node", NODES)
def test_a_wrong_contract_is_refused_with_file_line_and_key(stack, contract_file, node):
    contract_file.write_text(contract_file.read_text().replace("fps: 10", "fps: -10"))
    refuse(stack, node, f"{contract_file}:6", "fps", "-10")


@pytest.mark.parametrize("node", NODES)
def test_a_contract_that_is_no_yaml_is_refused(stack, contract_file, node):
    contract_file.write_text("robot_type: [")
    refuse(stack, node, f"{contract_file}:1")


@pytest.mark.parametrize("node", NODES)
def test_a_missing_model_is_refused(stack, model_folder, node):
    shutil.rmtree(model_folder)
    refuse(stack, node, str(model_folder), "no such model directory")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "contract.yaml", "calibration.json"])
def test_a_model_with_a_file_missing_is_refused(stack, model_folder, name):
    (model_folder / name).unlink()
    refuse(stack, "planner", str(model_folder), name)


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("size", [0, 7, 100, 100_000])
def test_a_truncated_model_is_refused(stack, model_folder, node, size):
    weights = model_folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:size])
    refuse(stack, node, str(weights), "not a whole safetensors file")


def test_a_model_with_weights_that_are_no_numbers_is_refused(stack, model_folder):
    weights = load_file(model_folder / "model.safetensors")
    name = next(iter(weights))
    weights[name] = torch.full_like(weights[name], float("nan"))
    save_file(weights, model_folder / "model.safetensors")
    refuse(stack, "world_model", name, "not finite")


@pytest.mark.parametrize("node", NODES)
def test_a_model_of_another_robot_is_refused_with_the_difference(stack, model_folder, node):
    theirs = model_folder / "contract.yaml"
    theirs.write_text(theirs.read_text().replace("robot_type: planar_arm", "robot_type: other_arm"))
    refuse(stack, node, "other_arm", "planar_arm", str(model_folder))


@pytest.mark.parametrize("node", NODES)
def test_a_model_of_another_rate_is_refused(stack, contract_file, node):
    contract_file.write_text(contract_file.read_text().replace("fps: 10", "fps: 20"))
    refuse(stack, node, "ticks per second", "10", "20")


def test_a_message_type_that_is_not_installed_is_refused(stack, contract_file, model_folder):
    for file in (contract_file, model_folder / "contract.yaml"):
        file.write_text(file.read_text().replace("sensor_msgs/msg/JointState", "other_msgs/msg/JointState"))
    refuse(stack, "planner", "other_msgs/msg/JointState")


def test_when_the_fault_is_mended_the_same_nodes_work(pair, stack, contract_file, model_folder):
    contract_file.write_text("no contract at all")
    for node in NODES:
        refuse(stack, node)
    shutil.copy(CONTRACT, contract_file)
    weights = model_folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    for node in NODES:
        refuse(stack, node)
    shutil.copy(MODEL / "model.safetensors", weights)
    for node in NODES:
        assert stack.change(node, "configure")
        assert stack.change(node, "activate")
    stack.wait_ready()


def test_a_model_trained_anew_is_loaded_anew(stack, model_folder):
    assert stack.change("world_model", "configure")
    before = stack.health("world_model").values[0].value
    assert stack.change("world_model", "cleanup")
    weights = load_file(model_folder / "model.safetensors")
    save_file({name: 0.9 * tensor for name, tensor in weights.items()}, model_folder / "model.safetensors")
    assert stack.change("world_model", "configure")
    assert stack.health("world_model").values[0].value != before
