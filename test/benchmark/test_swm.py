import pytest
import torch

from benchmark.swm.lewm import HEADS, Block, Lewm
from jepa_ros.world_model.engine import rounded

WIDTH, INSIDE, ACTION, FRAMES, DEPTH = 12, 2 * HEADS, 4, 3, 2


@pytest.fixture(scope="module")
def lewm():
    """A small LeWM with random weights."""
    torch.manual_seed(0)
    layers = {
        "action_encoder.patch_embed": torch.nn.Conv1d(ACTION, 5, 1),
        "action_encoder.embed.0": torch.nn.Linear(5, 20),
        "action_encoder.embed.2": torch.nn.Linear(20, WIDTH),
        "predictor.transformer.norm": torch.nn.LayerNorm(WIDTH),
        "pred_proj.net.0": torch.nn.Linear(WIDTH, 30),
        "pred_proj.net.1": torch.nn.BatchNorm1d(30),
        "pred_proj.net.3": torch.nn.Linear(30, WIDTH),
    }
    layers |= {f"predictor.transformer.layers.{index}": Block(WIDTH, INSIDE, 40) for index in range(DEPTH)}
    weights = {f"{at}.{name}": value for at, layer in layers.items() for name, value in layer.state_dict().items()}
    return Lewm({"predictor.pos_embedding": torch.randn(1, FRAMES, WIDTH), **weights})


def plainly(lewm, latent, actions):
    """All of the window through all of every block, for every step anew."""
    conditions = lewm._conditions(actions)
    latents = [latent]
    for step in range(actions.shape[1]):
        first = max(0, step + 1 - FRAMES)
        tokens = torch.stack(latents[first:], dim=1)
        tokens = tokens + lewm.predictor.pos_embedding[:, : tokens.shape[1]]
        for block, condition in zip(lewm.predictor.transformer.layers, conditions):
            tokens, _ = block(tokens, condition[:, first : step + 1], None, tokens.shape[1])
        latents.append(lewm.pred_proj["net"](lewm.predictor.transformer.norm(tokens)[:, -1]))
    return torch.stack(latents[1:], dim=1)


def test_what_is_not_computed_twice_changes_nothing(lewm):
    latent, actions = torch.randn(7, WIDTH), torch.randn(7, 6, ACTION)
    torch.testing.assert_close(lewm(latent, actions), plainly(lewm, latent, actions))


def test_rounding_leaves_layers_that_are_too_small_to_gain(lewm):
    latent, actions = torch.randn(7, WIDTH), torch.randn(7, 6, ACTION)
    assert torch.equal(rounded(lewm)(latent, actions), lewm(latent, actions))
