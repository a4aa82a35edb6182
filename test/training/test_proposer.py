"""What leads from one latent to another is learnt, whatever the design, and nothing of the model changes by that."""

import pytest
import torch

from jepa_ros.contract import period_ends
from jepa_ros.training import Recipe, make_model, save
from jepa_ros.training.encoded import encode_episodes
from jepa_ros.training.proposer import learn_to_propose
from jepa_ros.training.split import split
from jepa_ros.world_model import Architecture, Calibration, Design, Transformer, WorldModel
from jepa_ros.world_model.proposer import HORIZON

UNIT = Calibration(state_mean=(0.0, 0.0), state_scale=(1.5, 1.5), action_scale=(0.5, 0.5))
SMALL = {"latent_size": 8, "encoder_width": 32, "token_predictor": Transformer(width=16)}


def told(model, proposer, episodes, periods):
    """How much of the variance of the first commands, on the way to so many periods later, a proposer tells."""
    (episode,) = encode_episodes(model, episodes)
    starts = torch.arange(0, len(episode) - episode.stride * (periods + 1), 7)
    goals = episode.latents[starts + episode.stride * periods]
    proposed = proposer(episode.latents[starts], goals, torch.full((len(starts),), float(periods)))[:, 0]
    means = episode.actions[torch.stack([starts, starts + episode.stride], dim=1)]
    sent = period_ends(torch.tensor(model.contract.ramped), means)[:, 0] / model.action_scale
    return 1.0 - float((proposed - sent).square().mean() / sent.var(dim=0).mean())


@pytest.mark.parametrize("periods", [2, HORIZON])
def test_a_proposal_is_what_was_done_from_here_to_there(proposing, episodes, periods):
    assert told(proposing, proposing.proposer, episodes, periods) > 0.7


@pytest.mark.parametrize(
    "design", [{"latent": "tokens"}, {"history": 3}, {"action_block": 2}], ids=["tokens", "history", "blocks"]
)
def test_every_design_learns_to_propose(contract, episodes, design):
    torch.manual_seed(0)
    model = WorldModel(Architecture.of(contract, Design(**SMALL, **design)), contract, UNIT, "small")
    model.requires_grad_(False)
    proposer = learn_to_propose(model, episodes, steps=300)
    assert told(model, proposer, episodes, periods=2) > 0.3


def test_the_same_seed_learns_the_same_and_another_does_not(model, episodes):
    one, same, other = (learn_to_propose(model, episodes, steps=3, seed=seed) for seed in (1, 1, 2))
    pairs = list(zip(one.parameters(), same.parameters(), other.parameters()))
    assert all(torch.equal(first, second) for first, second, _ in pairs)
    assert not any(torch.equal(first, third) for first, _, third in pairs)


def test_episodes_shorter_than_a_proposal_are_learnt_from_as_well(model, episodes):
    short, _ = split(episodes, 1 - 9 / len(episodes[0]))
    proposer = learn_to_propose(model, short, steps=3)
    assert all(parameter.isfinite().all() for parameter in proposer.parameters())


def test_a_made_model_keeps_its_proposals_and_its_card_says_so(contract, episodes, tmp_path):
    made = make_model(contract, episodes, Recipe(steps=20, batch=8), "small")
    save(made, tmp_path / "small")
    back = WorldModel.from_pretrained(tmp_path / "small")
    here, there = torch.randn(2, 1, made.model.architecture.latent_size)
    assert torch.equal(back.propose(here, there), made.model.propose(here, there))
    assert f"the next {HORIZON} actions towards a goal latent" in (tmp_path / "small/README.md").read_text()
