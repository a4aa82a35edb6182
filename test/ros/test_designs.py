"""A model of tokens that looks back and takes two periods at once, in the nodes. It need not be trained for that."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
import torch
from harness.goals import see
from harness.graph import Listener

from jepa_ros.ros.wire.messages import seconds
from jepa_ros.world_model import Architecture, Calibration, Design, WorldModel
from jepa_ros_interfaces.msg import LatentPrediction, LatentState, Surprise
from jepa_ros_interfaces.srv import Rollout

TOKENS, SIZE, BLOCK = 4, 8, 2
UNIT = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(1.0, 1.0))


@pytest.fixture(scope="module")
def design(contract, tmp_path_factory):
    """The directory of the model."""
    torch.manual_seed(0)
    chosen = Design(latent="tokens", latent_size=SIZE, history=3, action_block=BLOCK)
    path = tmp_path_factory.mktemp("models") / "blocks"
    WorldModel(Architecture.of(contract, chosen), contract, UNIT, "blocks").save_pretrained(path, "# card")
    return path


@pytest.fixture(scope="module")
def stack(start, design):
    stack, _ = start("/blocks")
    stack.start("world_model", model=design)
    stack.start("planner", model=design)
    stack.wait_ready()
    return stack


def test_latents_have_their_tokens(stack):
    latent = Listener(stack.node, LatentState, "world_model/latent").next()
    assert (latent.tokens, latent.dim, len(latent.data)) == (TOKENS, SIZE, TOKENS * SIZE)
    assert latent.model.startswith("blocks@")


def test_a_prediction_looks_ahead_in_whole_steps(stack, contract):
    predictions = Listener(stack.node, LatentPrediction, "world_model/prediction")
    assert stack.set("world_model", "prediction_horizon", 5) == ""
    prediction = predictions.next(lambda message: message.horizon == 3)
    assert seconds(prediction.step) == pytest.approx(BLOCK * contract.period)
    assert len(prediction.actions) == 3 * BLOCK * len(contract.action_names)
    assert len(prediction.data) == 3 * TOKENS * SIZE
    assert np.isfinite(prediction.data).all()


def test_a_rollout_takes_whole_blocks_of_actions_only(stack, contract):
    refused = stack.operator.call(Rollout, "world_model/rollout", actions=array("f", [0.0] * 6))
    assert not refused.success
    assert "multiple of 2 periods" in refused.message
    answer = stack.operator.call(Rollout, "world_model/rollout", actions=array("f", [0.1] * 8))
    assert answer.success
    assert answer.prediction.horizon == 2


def test_there_is_surprise_once_commands_lead_through_a_whole_step(stack):
    surprises = Listener(stack.node, Surprise, "world_model/surprise")
    stack.operator.move(see(-0.5, 0.5), timeout=2.0).ending()
    assert np.isfinite(surprises.next().error)


def test_a_plan_has_actions_for_all_periods_and_latents_for_all_steps(stack, contract):
    result = stack.operator.plan(see(0.7, -0.3), 0.3).ending().result
    assert result.error_code == 0
    assert result.prediction.horizon == 4
    assert len(result.prediction.actions) == 8 * len(contract.action_names)
    assert len(result.prediction.data) == 4 * TOKENS * SIZE


def test_a_horizon_that_is_no_whole_number_of_steps_keeps_the_planner_unconfigured(start, design):
    stack, _ = start("/odd")
    stack.start("planner", model=design, horizon=7)
    stack.wait_log("planner", "horizon: 7 periods are no whole number of this model's steps")
    assert stack.state("planner") == "unconfigured"
