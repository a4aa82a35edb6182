"""What is normal for averages of errors is measured on whole logs, and holds for new ones."""

from pathlib import Path

import numpy as np
import pytest
import torch

from jepa_ros.contract import load_contract
from jepa_ros.data.episodes import Episode
from jepa_ros.training.drift import drift_scale
from jepa_ros.world_model import Architecture, Calibration, DriftMonitor, WorldModel

CONTRACT = load_contract(Path(__file__).parents[2] / "config/contracts/process.yaml")
STATES, INPUTS = len(CONTRACT.state_names), len(CONTRACT.action_names)


def log(periods, seed, slope=0.0):
    """A machine whose instruments show noise about nothing, or about what rises so much in a period."""
    random = np.random.default_rng(seed)
    state = random.standard_normal((periods, STATES)) + slope * np.arange(periods)[:, None]
    return Episode(
        {}, state.astype(np.float32), np.zeros((periods - 1, INPUTS), np.float32), np.arange(periods) * 10**9, stride=1
    )


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(0)
    architecture = Architecture(images={}, state_size=STATES, action_size=INPUTS, latent_size=4)
    model = WorldModel(architecture, CONTRACT, Calibration.of_data(np.eye(STATES) * 2, np.eye(INPUTS)), "untrained")
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def scale(untrained):
    return drift_scale(untrained, [log(1500, 1)], [log(1500, 2)])


def p_values(model, scale, episode):
    monitor = DriftMonitor(scale, CONTRACT.period)
    state = model.normalise_state(torch.from_numpy(episode.state))
    latents = model.encoder({}, state)
    errors = model.predict(latents[:-1], torch.from_numpy(episode.actions)[:, None])[:, 0] - latents[1:]
    return np.array([monitor.observe(int(s), e).p_value for s, e in zip(episode.stamps_ns[1:], errors)])


def test_only_spans_that_the_held_out_data_can_judge_are_kept(untrained, scale):
    assert scale.spans == (10.0, 30.0, 100.0)
    assert drift_scale(untrained, [log(1500, 1)], [log(60, 2)]) is None


def test_a_new_log_of_the_same_operation_is_normal(untrained, scale):
    values = p_values(untrained, scale, log(3000, 3))
    assert np.mean(values <= 0.1) < 0.3
    assert np.mean(values <= 0.01) < 0.06


def test_a_trend_of_a_hundredth_of_the_noise_per_period_is_not(untrained, scale):
    assert max(p_values(untrained, scale, log(500, 4, slope=0.01))[-100:]) <= 0.01


def test_it_survives_being_stored(untrained, scale, tmp_path):
    untrained.calibrate(untrained.calibration.model_copy(update={"drift": scale}))
    untrained.save_pretrained(tmp_path / "model", "card")
    assert WorldModel.from_pretrained(tmp_path / "model").calibration.drift == scale
