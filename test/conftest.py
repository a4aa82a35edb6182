"""What several rooms' tests share: the embedded robot's contract, its shipped model, a minute of its exploring."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch
import yaml

from jepa_ros.contract import Contract, load_contract
from jepa_ros.data.episodes import Episode, load_episodes
from jepa_ros.simulation.recording import record_exploration
from jepa_ros.training.proposer import learn_to_propose
from jepa_ros.world_model import Architecture, Calibration, Design, WorldModel

ROOT = Path(__file__).resolve().parents[1]


ON_RUNNING_NODES = ("test/ros/", "test/demo/")


def pytest_configure(config: pytest.Config) -> None:
    """Commands keep decoded frames in the user's cache; tests have a user of their own, and a thread each.

    What a shell began in the background ignores Ctrl-C, and so would every process that a test stops by it.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    torch.set_num_threads(1)
    folder = tempfile.mkdtemp(prefix="jepa_ros_test_")
    os.environ["XDG_CACHE_HOME"] = folder
    config.add_cleanup(partial(shutil.rmtree, folder, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests on running nodes keep real time, which a busy machine now and then takes away.

    They have the machine to themselves, see the Makefile, and get three tries.
    """
    for item in items:
        if item.path.relative_to(ROOT).as_posix().startswith(ON_RUNNING_NODES):
            item.add_marker(pytest.mark.running)
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=2))


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract(ROOT / "config/contracts/planar_arm.yaml")


@pytest.fixture(scope="session")
def model(contract: Contract) -> WorldModel:
    return WorldModel.from_pretrained(ROOT / "models/planar_arm")


@pytest.fixture(scope="session")
def proposing(episodes: list[Episode]) -> WorldModel:
    """The shipped model, with a head that has learnt from the minute what leads where."""
    model = WorldModel.from_pretrained(ROOT / "models/planar_arm")
    model.proposer = learn_to_propose(model, episodes, steps=1500)
    return model


@pytest.fixture(scope="session")
def minute(contract: Contract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bag with one simulated minute of exploring."""
    return record_exploration(contract, tmp_path_factory.mktemp("bags") / "minute", 60.0, seed=3)


@pytest.fixture(scope="session")
def episodes(contract: Contract, minute: Path) -> list[Episode]:
    return load_episodes(minute, contract)


@pytest.fixture(scope="session")
def two_cameras(contract: Contract) -> Callable[[int, int], Contract]:
    """Makes the contract of the arm with one more camera, at its gripper; their pictures are so many pixels wide."""
    document = yaml.safe_load(contract.text)

    def make(top: int, gripper: int) -> Contract:
        eyes = dict(document["observations"])
        above = eyes["observation.images.top"]
        channel = {**above["channel"], "topic": "gripper/image_raw"}
        eyes["observation.images.top"] = {**above, "apply": [{"resize": [top, top]}]}
        eyes["observation.images.gripper"] = {**above, "channel": channel, "apply": [{"resize": [gripper, gripper]}]}
        return Contract.parse(yaml.safe_dump({**document, "observations": eyes}))

    return make


@pytest.fixture(scope="session")
def two_eyed(two_cameras: Callable[[int, int], Contract]) -> Callable[[str], WorldModel]:
    """Makes an untrained model with a latent of this kind, for the arm with two cameras."""
    robot = two_cameras(64, 32)

    def make(latent: str) -> WorldModel:
        torch.manual_seed(0)
        unit = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(1.0, 1.0))
        return WorldModel(Architecture.of(robot, Design(latent=latent)), robot, unit, "two").requires_grad_(False)

    return make
