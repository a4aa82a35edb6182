"""Every design learns: from a point that moves over a small image as it is told to."""

import itertools

import numpy as np
import pytest
import torch

from jepa_ros.data.episodes import Episode
from jepa_ros.training import Recipe, Trainer, make_model
from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.encoded import encode_episodes, one_step
from jepa_ros.training.windows import WindowSampler
from jepa_ros.world_model import CNN, Architecture, Calibration, Design, Transformer, ViT, WorldModel

CAMERA = "observation.images.top"
STRIDE = 2  # frames to a period
ENCODERS = {"cnn": CNN(channels=(8, 8, 8)), "vit": ViT(patch=16, width=16, heads=2)}
UNIT = Calibration(state_mean=(0.0, 0.0), state_scale=(0.5, 0.5), action_scale=(0.3, 0.3))
SMALL = {"latent_size": 8, "encoder_width": 32, "predictor_width": 32, "token_predictor": Transformer(width=16)}


def wander(frames, seed):
    """A bright square whose place in the image is the state, pushed about by random actions."""
    random = np.random.default_rng(seed)
    ways = np.repeat(random.uniform(-0.2, 0.2, (frames // 8 + 1, 2)), 8, axis=0)[:frames]
    state = np.clip(np.cumsum(ways, axis=0), -1, 1).astype(np.float32)
    images = np.zeros((frames, 64, 64, 3), np.uint8)
    for image, (x, y) in zip(images, (28 + 28 * state).astype(int)):
        image[y : y + 8, x : x + 8] = 255
    stamps = np.arange(frames) * 50_000_000
    return Episode({CAMERA: images}, state, (state[STRIDE:] - state[:-STRIDE]), stamps, STRIDE)


@pytest.fixture(scope="module")
def wanderings():
    return [wander(160, seed=1), wander(100, seed=2)]


@pytest.mark.parametrize(
    ("encoder", "latent", "history", "block"), list(itertools.product(ENCODERS, ("pooled", "tokens"), (1, 3), (1, 2)))
)
def test_every_design_learns_and_is_calibrated(contract, wanderings, encoder, latent, history, block):
    design = Design(encoder=ENCODERS[encoder], latent=latent, history=history, action_block=block, **SMALL)
    torch.manual_seed(0)
    model = WorldModel(Architecture.of(contract, design), contract, UNIT, "small")
    terms = []
    recipe = Recipe(steps=24, batch=16, frames=3, learning_rate=3e-3)
    Trainer(model, wanderings[:1], recipe).run(lambda now: terms.append(now.terms), every=4)
    assert np.isfinite([list(each.values()) for each in terms]).all()
    assert terms[-1]["state_readout"] < 0.8 * terms[0]["state_readout"]
    assert len(calibrate(model, wanderings[1:]).surprise_errors) > 1


def test_windows_of_blocks_hold_a_frame_for_each_and_every_periods_action(wanderings):
    episode = wanderings[0]
    windows = WindowSampler(wanderings, 3, torch.device("cpu"), block=2).take(np.array([5]))
    frames, periods = 5 + 2 * STRIDE * np.arange(3), 5 + STRIDE * np.arange(4)
    np.testing.assert_array_equal(windows.state[0], episode.state[frames])
    np.testing.assert_array_equal(windows.images[CAMERA][0], episode.images[CAMERA][frames])
    np.testing.assert_array_equal(windows.actions[0], episode.actions[periods])


def test_windows_of_blocks_end_where_the_episode_does(wanderings):
    sampler = WindowSampler(wanderings[:1], 3, torch.device("cpu"), block=2)
    last = sampler.take(np.array([len(sampler) - 1]))
    np.testing.assert_array_equal(last.state[0, -1], wanderings[0].state[-1])


@pytest.fixture(scope="module")
def looking_back(contract, wanderings):
    """A model with a past of two latents, two periods apart."""
    design = Design(history=2, action_block=2, encoder=ENCODERS["cnn"], **SMALL)
    return make_model(contract, wanderings, Recipe(design=design, steps=2, batch=8), "back").model


def test_stretches_hold_the_past_one_step_apart_and_what_came_after_each_step(looking_back, wanderings):
    (encoded,) = encode_episodes(looking_back, wanderings[:1])
    assert encoded.starts(looking_back.architecture, 4) == range(4, 160 - 8)
    found = encoded.stretches(looking_back.architecture, 4, [10, 20])
    assert torch.equal(found.context[1], encoded.latents[[16, 20]])
    assert torch.equal(found.actions[1], encoded.actions[[20, 22, 24, 26]])
    assert torch.equal(found.future[1], encoded.latents[[24, 28]])
    assert torch.equal(found.goals[0], encoded.goals[[14, 18]])


def test_one_step_is_predicted_for_every_frame_with_a_past(looking_back, wanderings):
    (encoded,) = encode_episodes(looking_back, wanderings[:1])
    predicted, came = one_step(looking_back, encoded)
    assert len(predicted) == len(came.future) == 160 - 2 * 4
    context, actions = encoded.latents[[6, 10]].unsqueeze(0), encoded.actions[[10, 12]].unsqueeze(0)
    torch.testing.assert_close(predicted[6], looking_back.predict(context, actions)[0, 0])


def test_held_out_episodes_without_room_for_one_prediction_are_refused(looking_back):
    with pytest.raises(ValueError, match="no held-out episode is long enough"):
        calibrate(looking_back, [wander(8, 3)])
