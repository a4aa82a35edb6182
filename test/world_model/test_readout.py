"""What latents say of the state, and how strange they are."""

import numpy as np
import pytest
import torch

from jepa_ros.training.encoded import Stretches, encode_episodes

HORIZON = 8


@pytest.fixture(scope="module")
def encoded(model, episodes):
    return encode_episodes(model, episodes)


def test_the_state_is_read_from_latents_of_images_alone(model, encoded):
    errors = torch.cat([model.readout(episode.goals) - episode.state for episode in encoded])
    assert errors.abs().median() < 0.03  # rad
    assert model.readout.told.min() > 0.99


def test_a_gradient_passes_through_the_readout(model):
    with torch.inference_mode():
        model.readout  # noqa: B018 (found here, where tensors would be born without gradients)
    latent = torch.zeros(1, 1, model.architecture.latent_size, requires_grad=True)
    model.readout(latent).sum().backward()
    assert latent.grad.abs().sum() > 0


def test_what_is_perceived_is_less_strange_than_what_never_is(model, encoded):
    latents = torch.cat([episode.latents for episode in encoded])
    never = latents + 0.2 * torch.randn(latents.shape, generator=torch.Generator().manual_seed(0))
    assert model.strangeness(latents).median() < 0.1 * model.strangeness(never).median()


def test_predictions_that_go_wrong_are_strange(model, encoded):
    parts = [e.stretches(model.architecture, HORIZON, list(e.starts(model.architecture, HORIZON))) for e in encoded]
    found = Stretches.joined(parts)
    predicted = model.predict(found.context, found.actions)
    strange, wrong = model.strangeness(predicted).mean(1), model.distance(predicted, found.future).mean(1)
    ranks = [np.argsort(np.argsort(values)) for values in (strange.numpy(), wrong.numpy())]
    assert np.corrcoef(*ranks)[0, 1] > 0.4
