import numpy as np
import pytest
import torch

from jepa_ros.training import Recipe, Trainer, Weights, make_model, save
from jepa_ros.training.augmentation import jitter
from jepa_ros.training.calibrate import calibrate
from jepa_ros.training.chance import Chance
from jepa_ros.training.encoded import encode_episodes, one_step
from jepa_ros.training.split import split
from jepa_ros.training.windows import WindowSampler
from jepa_ros.world_model import Percept, WorldModel, departure

SHORT = Recipe(steps=40, batch=16, seed=1)


@pytest.fixture(scope="module")
def made(contract, episodes):
    return make_model(contract, episodes, SHORT, "small")


def test_windows_hold_frames_one_period_apart_and_the_actions_between(episodes):
    episode = episodes[0]
    windows = WindowSampler(episodes, 4, torch.device("cpu")).take(np.array([0, 7]))
    frames = 7 + episode.stride * np.arange(4)
    np.testing.assert_array_equal(windows.state[1], episode.state[frames])
    np.testing.assert_array_equal(windows.actions[1], episode.actions[frames[:-1]])
    np.testing.assert_array_equal(
        windows.images["observation.images.top"][1], episode.images["observation.images.top"][frames]
    )


def test_windows_never_reach_from_one_episode_into_the_next(episodes):
    parts = [*split(episodes, 0.5)[0], *split(episodes, 0.5)[1]]
    sampler = WindowSampler(parts, 3, torch.device("cpu"))
    for index in (0, len(sampler) - 1, sampler.ends[0] - 1, sampler.ends[0]):
        state = sampler.take(np.array([index])).state[0].numpy()
        assert np.abs(np.diff(state, axis=0)).max() <= 1.05 * 0.1


def test_episodes_too_short_for_a_window_are_refused_with_a_remedy(episodes):
    short, _ = split(episodes, 0.995)
    with pytest.raises(ValueError, match="record for longer"):
        WindowSampler(short, 5, torch.device("cpu"))


def test_validation_is_the_end_of_every_episode_and_nothing_is_in_both(episodes):
    training, validation = split(episodes, 0.2)
    assert training[0].stamps_ns[-1] < validation[0].stamps_ns[0]
    assert len(training[0]) + len(validation[0]) == len(episodes[0])
    assert len(training[0].actions) == len(training[0]) - training[0].stride


def test_jitter_changes_light_but_not_what_is_where(episodes):
    images = torch.from_numpy(episodes[0].images["observation.images.top"][:4]).unsqueeze(0)
    changed = jitter(images, 1.0, Chance(0, 1))
    assert changed.shape == images.shape
    assert (changed - images).abs().mean() > 1
    assert np.corrcoef(changed.flatten(), images.flatten())[0, 1] > 0.8
    assert torch.equal(jitter(images, 0.0, Chance(0, 1)), images.float())


def test_every_window_gets_its_own_noise(episodes):
    grey = torch.full((2, 3, 64, 64, 3), 128, dtype=torch.uint8)
    one, other = jitter(grey, 1.0, Chance(0, 1)) - 128
    assert torch.equal(one[0], one[2])
    noise = [(image - image.mean((0, 1))).flatten() for image in (one[0], other[0])]
    assert abs(np.corrcoef(*noise)[0, 1]) < 0.1


@pytest.mark.parametrize("collapse", ["sigreg", "vicreg", "ema"])
def test_training_learns_to_predict_and_keeps_latents_apart(contract, episodes, collapse):
    seen = []
    make_model(contract, episodes, Recipe(steps=100, batch=16, collapse=collapse), "small", on_progress=seen.append)
    readable = [now.terms["state_readout"] + now.terms["prediction"] for now in seen]
    assert readable[-1] < 0.5 * readable[0]
    assert seen[-1].effective_rank > 1.5


def test_bf16_loses_next_to_nothing_and_leaves_weights_in_float32(contract, episodes):
    losses = {}
    for precision in ("float32", "bf16"):
        seen = []
        recipe = SHORT.model_copy(update={"precision": precision})
        model = make_model(contract, episodes, recipe, "small", on_progress=seen.append).model
        losses[precision] = seen[-1].loss
        assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert losses["bf16"] != losses["float32"]
    assert losses["bf16"] == pytest.approx(losses["float32"], rel=0.03)


def test_the_same_seed_trains_the_same_model(made, contract, episodes):
    again = make_model(contract, episodes, SHORT, "small")
    for one, other in zip(made.model.parameters(), again.model.parameters()):
        assert torch.equal(one, other)
    assert made.model.calibration == again.model.calibration


def test_a_term_of_weight_zero_is_left_out(contract, episodes, made):
    recipe = SHORT.model_copy(update={"weights": Weights(sigreg=0.0)})
    assert "sigreg" not in Trainer(made.model, episodes, recipe).learner.terms
    assert "sigreg" in Trainer(made.model, episodes, SHORT).learner.terms


def test_calibration_gives_distance_its_unit(made, episodes):
    _, validation = split(episodes, 0.15)
    model = made.model
    model.calibrate(calibrate(model, validation))
    (encoded,) = encode_episodes(model, validation)
    random = np.random.default_rng(5)
    first, second = (torch.from_numpy(random.integers(0, len(encoded), 4000)) for _ in range(2))
    distances = model.distance(encoded.latents[first], encoded.goals[second])
    assert distances.median().item() == pytest.approx(1.0, abs=0.1)


def test_normal_errors_get_uniform_p_values(made, episodes):
    _, validation = split(episodes, 0.15)
    model = made.model
    predicted, came = one_step(model, *encode_episodes(model, validation))
    errors = departure(model, predicted, Percept(came.future[:, 0], came.goals[:, 0], came.feelings[:, 0]))
    p = np.array([model.calibration.p_value(error) for error in errors.tolist()])
    assert np.mean(p <= 0.1) == pytest.approx(0.1, abs=0.02)


def test_a_made_model_is_saved_with_its_card(made, tmp_path):
    save(made, tmp_path / "small")
    card = (tmp_path / "small/README.md").read_text()
    assert "license: apache-2.0" in card
    assert "position.shoulder, position.elbow" in card
    assert WorldModel.from_pretrained(tmp_path / "small").calibration == made.model.calibration
