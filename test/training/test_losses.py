import pytest
import torch

from jepa_ros.training.losses import (
    Agreement,
    InverseDynamics,
    Prediction,
    Sequences,
    StateReadout,
    TemporalSimilarity,
)
from jepa_ros.world_model import Architecture

ARCHITECTURE = Architecture(images={}, state_size=3, action_size=2, latent_size=8)


def sequences(context, **others):
    count, frames, _ = context.shape
    fields = {
        "target": context,
        "predicted": context[:, 1:],
        "actions": torch.zeros(count, frames - 1, 2),
        "state": torch.zeros(count, frames, 3),
        "images": {},
    }
    return Sequences(context=context, **{**fields, **others})


def test_a_perfect_prediction_costs_nothing_and_a_wrong_one_does():
    context = torch.randn(4, 5, 8)
    assert Prediction()(sequences(context)) == 0
    assert Prediction()(sequences(context, predicted=context[:, :-1])) > 0


def test_encodings_that_agree_cost_nothing():
    context = torch.randn(4, 5, 8)
    assert Agreement()(sequences(context)) == 0
    assert Agreement()(sequences(context, target=context + 1)) == 1


def learned(head, readable, wanted):
    """The loss after learning to read ``wanted(context)`` from ever new sequences."""
    optimiser = torch.optim.Adam(head.parameters(), lr=1e-2)
    for _ in range(200):
        context = torch.randn(256, 2, 8)
        loss = head(sequences(context, **{readable: wanted(context)}))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return loss.item()


@pytest.mark.parametrize(
    ("term", "readable", "known"),
    [
        (InverseDynamics, "actions", lambda context: context[:, 1:, :2] - context[:, :1, :2]),
        (StateReadout, "state", lambda context: context[..., :3]),
    ],
)
def test_a_head_learns_what_can_be_read_and_only_that(term, readable, known):
    torch.manual_seed(0)
    assert learned(term(ARCHITECTURE), readable, known) < 0.05
    assert learned(term(ARCHITECTURE), readable, lambda context: torch.randn_like(known(context))) > 0.8


def test_slowness_is_the_squared_step_of_a_token():
    context = torch.arange(5.0)[None, :, None].expand(2, 5, 8)
    assert TemporalSimilarity()(sequences(context)) == 8
    assert TemporalSimilarity(tokens=4)(sequences(context)) == 2
