"""Nonsense is nonsense: whatever is drawn, the door that it comes to refuses it."""

import numpy as np
import pytest

from benchmark.malformed import figures
from benchmark.nonsense import Nonsense
from jepa_ros.contract import StreamError, decode_image, read_values
from jepa_ros.memory import SavedGoals
from jepa_ros.ros.goals.goal_reader import GoalError, GoalReader
from jepa_ros.ros.wire.messages import latent_tensor

DRAWS = 300


@pytest.fixture(scope="module")
def nonsense(contract, model):
    return Nonsense(contract, model, seed=0)


def test_no_picture_can_be_decoded(nonsense):
    for _ in range(DRAWS):
        with pytest.raises(StreamError):
            decode_image(nonsense.image())


def test_no_state_can_be_read(nonsense, contract):
    for _ in range(DRAWS):
        with pytest.raises(StreamError):
            read_values(contract.observations["observation.state"], nonsense.state())


def test_no_latent_is_one_of_this_model(nonsense, model):
    for _ in range(DRAWS):
        latent = nonsense.latent()
        if latent.model == model.name:
            with pytest.raises(ValueError, match="latent"):
                latent_tensor(latent, (model.architecture.tokens, model.architecture.latent_size))


def test_no_verdict_is_one_of_this_model_and_half_of_them_cry_wolf(nonsense, model):
    draws = [nonsense.surprise() for _ in range(DRAWS)]
    assert not any(draw.model == model.name and 0.0 < draw.p_value <= 1.0 for draw in draws)
    assert 0.3 < np.mean([draw.anomalous for draw in draws]) < 0.7


def test_no_goal_can_be_pursued(nonsense, contract, model, tmp_path):
    reader = GoalReader(model, contract, decode_image, SavedGoals(tmp_path))
    for _ in range(DRAWS):
        with pytest.raises(GoalError):
            reader.read(nonsense.goal())


def test_no_actions_are_whole_periods_of_numbers(nonsense, contract):
    for _ in range(DRAWS):
        actions = np.array(nonsense.actions_request().actions)
        assert not actions.size or actions.size % len(contract.action_names) or not np.isfinite(actions).all()


def test_all_there_is_can_be_drawn_and_differs(nonsense):
    draws = (nonsense.surprise, nonsense.trajectory, nonsense.motion, nonsense.question, nonsense.exploration,
             nonsense.picture_request, nonsense.name_request)  # fmt: skip
    for draw in draws:
        assert len({str(draw()) for _ in range(20)}) > 5


def test_what_broke_and_what_moved_are_two_figures():
    found = figures(crashes=1, motions=0, messages=600, between=100, requests=300, codes=[0, 0])
    assert (found["malformed.crashes"].value, found["malformed.motions"].value) == (1, 0)
    assert all(each.low <= each.value <= each.high and each.n == 1000 for each in found.values())
