"""A machine without a camera has its world model too, and the node says when something develops in it."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
import torch
from harness.graph import Listener
from harness.places import CONTRACT
from harness.stack import Stack, values
from std_msgs.msg import Float64

from jepa_ros.contract import Contract, load_contract
from jepa_ros.world_model import Architecture, Calibration, DriftScale, WorldModel
from jepa_ros_interfaces.msg import LatentState

PROCESS = CONTRACT.with_name("process.yaml")
LATENT = 4


@pytest.fixture(scope="module")
def process() -> Contract:
    return load_contract(PROCESS)


@pytest.fixture(scope="module")
def wary(process, tmp_path_factory):
    """A model that knows nothing, and to which every average of errors is more unusual than all that it has seen."""
    states, inputs = len(process.state_names), len(process.action_names)
    calibration = Calibration.of_data(np.eye(states) * 50, np.eye(inputs)).model_copy(
        update={
            "drift": DriftScale(
                spans=(10.0,),
                whitening=(tuple(map(tuple, np.eye(LATENT).tolist())),),
                middle=(0.0,),
                spread=(1.0,),
                statistics=(-1.0,) * 1999,
            )
        }
    )
    torch.manual_seed(0)
    architecture = Architecture(images={}, state_size=states, action_size=inputs, latent_size=LATENT)
    folder = tmp_path_factory.mktemp("models") / "wary"
    WorldModel(architecture, process, calibration, "wary").save_pretrained(folder, "card")
    return folder


@pytest.fixture(scope="module")
def tank(graph, processes, wary, tmp_path_factory):
    """The stirred tank with its inputs held, and its world model."""
    with closing(Stack(graph, processes, "/tank", PROCESS, wary, tmp_path_factory.mktemp("memory"))) as stack:
        publishers = [
            stack.node.create_publisher(Float64, f"/tank/{topic}", 1) for topic in ("heater/power", "feed/valve")
        ]
        timer = stack.node.create_timer(0.2, lambda: [publisher.publish(Float64(data=0.5)) for publisher in publishers])
        stack.start_bare("simulator", "-p", f"contract:={PROCESS}")
        stack.start("world_model")
        yield stack
        stack.node.destroy_timer(timer)


def test_it_is_looked_at_once_per_period(tank):
    latents = Listener(tank.node, LatentState, "world_model/latent")
    stamps = [latent.header.stamp.sec + latent.header.stamp.nanosec * 1e-9 for latent in latents.take(3)]
    assert np.diff(stamps) == pytest.approx(1.0, abs=0.4)
    latents.close()


def test_drift_is_warned_of_unless_nobody_wants_to_know(tank):
    status = tank.health("world_model", lambda status: status.level == b"\1")
    assert "something develops" in status.message
    assert float(values(status)["drift p-value"]) == pytest.approx(0.0005)
    assert tank.set("world_model", "drift_p_value", 0.0) == ""
    assert tank.health("world_model", lambda status: status.message == "encoding").level == b"\0"
