"""A world without secrets: latents are places, actions are ways, and a model that knows it all."""

from types import SimpleNamespace

import pytest
import torch

from jepa_ros.evaluation.evaluate import Evaluation, evaluate
from jepa_ros.training.encoded import EncodedEpisode


class Surveyor:
    """A perfect model of a plane: the latent (1, 2) is where one is, an action how far one goes."""

    device = torch.device("cpu")
    architecture = SimpleNamespace(history=1, action_block=1)
    contract = SimpleNamespace(period=0.1)

    def predict(self, context, actions):
        return context[:, -1:] + actions.cumsum(1).unsqueeze(2)

    def distance(self, latent, goal):
        return torch.linalg.vector_norm(latent - goal, dim=(-2, -1))


def walk(frames, seed, stride=2):
    """An episode of random steps; those in between are straight."""
    ways = torch.randn(frames, 2, generator=torch.Generator().manual_seed(seed))
    places = torch.cat([torch.zeros(1, 2), ways.cumsum(0)])
    actions = places[stride:] - places[:-stride]
    latents = places.unsqueeze(1)
    state = places @ torch.tensor([[2.0, 0.0], [1.0, -1.0]]) + 3
    return EncodedEpisode(latents, latents, latents, state, actions, stride)


@pytest.fixture
def surveyor():
    return Surveyor()


@pytest.fixture
def walks():
    return [walk(150, seed=1), walk(80, seed=2)]


@pytest.fixture(scope="session")
def offline(model, episodes) -> Evaluation:
    """The shipped model on a minute of exploring, without a simulator."""
    return evaluate(model, "arm", episodes)
