import numpy as np
import pytest
import torch

from jepa_ros.contract import Observation, resize_image
from jepa_ros.simulation.planar_arm import PlanarArm

UNKNOWN = np.full(2, np.nan, np.float32)


def observe(position, with_image=True, with_state=True):
    arm = PlanarArm()
    arm.reset(position)
    images = {"observation.images.top": resize_image(arm.image(), (64, 64))} if with_image else {}
    return Observation(0, images, np.array(position, np.float32) if with_state else UNKNOWN)


def test_a_latent_has_the_shape_that_the_architecture_says(model):
    latent = model.encode(observe((0.5, -1.0)))
    assert latent.shape == (1, model.architecture.tokens, model.architecture.latent_size)
    assert latent.isfinite().all()


@pytest.mark.parametrize("senses", [(True, False), (False, True)])
def test_image_alone_and_state_alone_land_near_the_full_observation(model, senses):
    poses = [(0.5, -1.0), (-1.5, 1.2), (2.0, 0.3), (-0.2, -2.0)]
    for pose in poses:
        full, part = model.encode(observe(pose)), model.encode(observe(pose, *senses))
        assert model.distance(full[0], part[0]) < 0.1


def test_distance_grows_with_the_way_to_go(model):
    goal = model.encode(observe((0.0, 0.0), with_state=False))[0]
    distances = [
        float(model.distance(model.encode(observe((angle, 0.0)))[0], goal)) for angle in (0.0, 0.3, 0.8, 1.6, 2.4)
    ]
    assert distances == sorted(distances)


def test_random_states_are_about_one_apart(model):
    random = np.random.default_rng(0)
    latents = [model.encode(observe(random.uniform(-2.5, 2.5, 2)))[0] for _ in range(60)]
    distances = [float(model.distance(latents[i], latents[i + 1])) for i in range(0, 60, 2)]
    assert 0.6 < np.median(distances) < 1.4


def test_a_prediction_of_many_actions_is_the_prediction_of_one_after_the_other(model):
    latent = model.encode(observe((0.5, -1.0)))
    actions = torch.tensor([[[0.4, -0.2], [0.9, 0.0], [-1.0, 1.0]]])
    together = model.predict(latent, actions)
    step = latent
    for index in range(3):
        step = model.predict(step, actions[:, index : index + 1])[:, 0]
        torch.testing.assert_close(together[:, index], step)


def test_predicted_motion_leads_to_what_is_seen_after_the_motion(model):
    """One second at half speed: the prediction is far nearer to what came than the start is."""
    latent = model.encode(observe((-0.5, 0.8)))
    future = model.predict(latent, torch.tensor([[[0.5, -0.5]] * 10]))[0, -1]
    after = model.encode(observe((0.0, 0.3)))[0]
    assert model.distance(future, after) < 0.25 * model.distance(latent[0], after)


def test_a_batch_predicts_what_its_members_predict(model):
    latents = torch.cat([model.encode(observe((angle, 0.2))) for angle in (-1.0, 0.0, 1.0)])
    actions = torch.randn(3, 5, 2)
    batch = model.predict(latents, actions)
    for index in range(3):
        torch.testing.assert_close(
            batch[index], model.predict(latents[index : index + 1], actions[index : index + 1])[0]
        )
