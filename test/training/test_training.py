import numpy as np
import pytest
import torch

from jepa_ros.training import Recipe, Trainer, TrainingError, Weights, make_model, save
from jepa_ros.training.augmentation import jitter
from jepa_ros.training.calibrate import calibrate, encode
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
    torch.manual_seed(0)
    images = torch.from_numpy(episodes[0].images["observation.images.top"][:4]).unsqueeze(0)
    changed = jitter(images, 1.0)
    assert changed.dtype == torch.uint8
    assert not torch.equal(changed, images)
    assert np.corrcoef(changed.flatten(), images.flatten())[0, 1] > 0.8
    assert torch.equal(jitter(images, 0.0), images)


def test_training_learns_to_predict(contract, episodes):
    losses = []
    training, _ = split(episodes, 0.15)
    model = make_model(contract, episodes, SHORT.model_copy(update={"steps": 1}), "small").model
    trainer = Trainer(model, training, SHORT.model_copy(update={"steps": 150}))
    trainer.run(lambda now: losses.append(now.terms["state_readout"] + now.terms["prediction"]))
    assert losses[-1] < 0.5 * losses[0]


def test_the_same_seed_trains_the_same_model(made, contract, episodes):
    again = make_model(contract, episodes, SHORT, "small")
    for one, other in zip(made.model.parameters(), again.model.parameters()):
        assert torch.equal(one, other)
    assert made.model.calibration == again.model.calibration


def test_a_loss_that_is_no_number_ends_with_advice(contract, episodes):
    recipe = SHORT.model_copy(update={"learning_rate": 1e30})
    with pytest.raises(TrainingError, match="lower learning_rate"):
        make_model(contract, episodes, recipe, "small")


def test_a_term_of_weight_zero_is_left_out(contract, episodes, made):
    recipe = SHORT.model_copy(update={"weights": Weights(sigreg=0.0)})
    assert "sigreg" not in Trainer(made.model, episodes, recipe).terms
    assert "sigreg" in Trainer(made.model, episodes, SHORT).terms


def test_hiding_both_senses_of_a_sequence_is_refused():
    with pytest.raises(ValueError, match="one sense"):
        Recipe(unfelt=0.7, unseen=0.5)


def test_calibration_gives_distance_its_unit(made, episodes):
    _, validation = split(episodes, 0.15)
    model = made.model
    model.calibrate(calibrate(model, validation))
    encoded = encode(model, validation)
    random = np.random.default_rng(5)
    first, second = (torch.from_numpy(random.integers(0, len(encoded.after), 4000)) for _ in range(2))
    distances = model.distance(encoded.after[first].unsqueeze(1), encoded.goal[second].unsqueeze(1))
    assert distances.median().item() == pytest.approx(1.0, abs=0.1)


def test_normal_errors_get_uniform_p_values(made, episodes):
    _, validation = split(episodes, 0.15)
    model = made.model
    encoded = encode(model, validation)
    came = Percept(encoded.after.unsqueeze(1), encoded.goal.unsqueeze(1))
    errors = departure(model, encoded.predicted.unsqueeze(1), came)
    p = np.array([model.calibration.p_value(error) for error in errors.tolist()])
    assert np.mean(p <= 0.1) == pytest.approx(0.1, abs=0.02)


def test_a_made_model_is_saved_with_its_card(made, tmp_path):
    save(made, tmp_path / "small")
    card = (tmp_path / "small/README.md").read_text()
    assert "license: apache-2.0" in card
    assert "position.shoulder, position.elbow" in card
    assert WorldModel.from_pretrained(tmp_path / "small").calibration == made.model.calibration
