"""Every design builds a model that encodes, predicts, is saved and comes back, and learns."""

import dataclasses
import itertools
import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from jepa_ros.contract import Observation
from jepa_ros.world_model import CNN, Architecture, Calibration, Design, ModelError, Transformer, ViT, WorldModel

CAMERA = "observation.images.top"
ENCODERS = {"cnn": CNN(channels=(8, 8, 8)), "vit": ViT(patch=16, width=16, heads=2)}
SMALL = {"latent_size": 8, "encoder_width": 32, "predictor_width": 32, "token_predictor": Transformer(width=16)}
DESIGNS = {
    f"{encoder}-{latent}-history{history}-block{block}": Design(
        encoder=ENCODERS[encoder], latent=latent, history=history, action_block=block, **SMALL
    )
    for encoder, latent, history, block in itertools.product(ENCODERS, ("pooled", "tokens"), (1, 3), (1, 2))
}
UNIT = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(2.0, 2.0))


@pytest.fixture(params=DESIGNS)
def small(request, contract):
    torch.manual_seed(0)
    return WorldModel(Architecture.of(contract, DESIGNS[request.param]), contract, UNIT, "small")


def contexts(model, count):
    """Random contexts (B, K, N, D)."""
    shape = model.architecture
    return torch.randn(count, shape.history, shape.tokens, shape.latent_size)


def seen(seed):
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (64, 64, 3), np.uint8)
    return Observation(0, {CAMERA: image}, random.normal(size=2).astype(np.float32))


def test_latents_have_the_size_that_the_architecture_says_whatever_is_perceived(small):
    shape, full = small.architecture, seen(1)
    assert shape.tokens == (1 if shape.latent == "pooled" else 16)
    unfelt = dataclasses.replace(full, state=np.full(2, np.nan, np.float32))
    unseen = dataclasses.replace(full, images={})
    latents = [small.encode(observation) for observation in (full, unfelt, unseen)]
    assert all(latent.shape == (1, shape.tokens, shape.latent_size) for latent in latents)
    assert all(latent.isfinite().all() for latent in latents)
    assert not any(torch.equal(one, other) for one, other in itertools.combinations(latents, 2))


def test_tokens_of_a_state_alone_differ_from_each_other(small):
    latent = small.encode(dataclasses.replace(seen(1), images={}))[0]
    assert len(latent.unique(dim=0)) == small.architecture.tokens


def test_there_is_a_prediction_for_every_block_of_actions(small):
    shape, actions = small.architecture, torch.randn(3, 6, 2)
    future = small.predict(contexts(small, 3), actions)
    assert future.shape == (3, 6 // shape.action_block, shape.tokens, shape.latent_size)


def test_a_batch_predicts_what_its_members_predict_with_every_design(small):
    trained(small)
    context, actions = contexts(small, 3), torch.randn(3, 4, 2)
    batch = small.predict(context, actions)
    for index in range(3):
        alone = small.predict(context[index : index + 1], actions[index : index + 1])
        torch.testing.assert_close(batch[index : index + 1], alone, atol=1e-5, rtol=1e-5)


def test_a_saved_design_comes_back_equal(small, tmp_path):
    trained(small)
    small.save_pretrained(tmp_path / "small", "# card")
    back = WorldModel.from_pretrained(tmp_path / "small")
    assert back.architecture == small.architecture
    context, actions = contexts(small, 2), torch.randn(2, 4, 2)
    assert torch.equal(back.encode(seen(2)), small.encode(seen(2)))
    assert torch.equal(back.predict(context, actions), small.requires_grad_(False).predict(context, actions))


def test_gradients_reach_every_weight_and_every_action(small):
    trained(small)
    small.requires_grad_(True)
    shape, actions = small.architecture, torch.randn(2, 6, 2, requires_grad=True)
    latents = [torch.cat([small.encode(seen(seed)) for seed in seeds]) for seeds in ((1, 2), (3, 4), (5, 6))]
    latents.append(small.encode(dataclasses.replace(seen(1), images={})).expand(2, -1, -1))
    context = torch.stack(latents, dim=1)
    whole = [small.predict(context[:, :begin], actions)[:, -1] for begin in range(2, 5)]
    sum((future**2).sum() for future in whole).backward()
    assert shape.history <= context.shape[1]
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in small.parameters())
    assert (actions.grad.abs().sum(dim=(0, 2)) > 0).all()


def trained(model):
    """Weights as training leaves them: none is exactly zero."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.05 * torch.randn_like(weight))


def test_all_actions_of_a_block_count_and_so_does_their_order(contract):
    torch.manual_seed(0)
    model = WorldModel(Architecture.of(contract, Design(action_block=2)), contract, UNIT, "blocks")
    context, forth = contexts(model, 1), torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    back = model.predict(context, forth.flip(1))
    assert not torch.allclose(model.predict(context, forth), back)


def test_actions_that_fill_no_block_are_refused_with_what_is_allowed(contract):
    model = WorldModel(Architecture.of(contract, Design(action_block=3)), contract, UNIT, "blocks")
    with pytest.raises(ValueError, match=r"7 periods .* multiples of 3"):
        model.predict(contexts(model, 1), torch.zeros(1, 7, 2))


def test_a_shorter_past_is_a_rest_before_it_and_a_longer_one_is_cut(contract):
    torch.manual_seed(0)
    model = WorldModel(Architecture.of(contract, Design(history=3)), contract, UNIT, "past")
    context, actions = contexts(model, 2), torch.randn(2, 4, 2)
    one, two = context[:, -1], context[:, 1:]
    repeated = torch.stack([one, one, one], dim=1)
    assert torch.equal(model.predict(one, actions), model.predict(repeated, actions))
    padded = torch.stack([context[:, 1], context[:, 1], context[:, 2]], dim=1)
    assert torch.equal(model.predict(two, actions), model.predict(padded, actions))
    longer = torch.cat([contexts(model, 2), context], dim=1)
    assert torch.equal(model.predict(longer, actions), model.predict(context, actions))


@pytest.mark.parametrize(("history", "block"), [(1, 1), (1, 2), (3, 1), (2, 3)])
def test_a_rollout_written_in_place_is_that_of_one_step_after_the_other(contract, history, block):
    torch.manual_seed(0)
    model = WorldModel(Architecture.of(contract, Design(history=history, action_block=block)), contract, UNIT, "place")
    trained(model)
    context, actions = torch.randn(5, history, 1, model.architecture.latent_size), torch.randn(5, 6, 2)
    before = context.clone(), actions.clone()
    with torch.no_grad():
        future = model.predict(context, actions)
    step_by_step = model.predict(context, actions)
    assert step_by_step.requires_grad
    assert not future.requires_grad
    torch.testing.assert_close(future, step_by_step)
    assert torch.equal(context, before[0])
    assert torch.equal(actions, before[1])


@pytest.mark.parametrize(("history", "knows"), [(1, False), (2, True)])
@pytest.mark.parametrize("latent", ["pooled", "tokens"])
def test_which_way_a_circle_is_gone_round_is_seen_from_the_past_only(contract, latent, history, knows):
    """Latents go round at one speed, either way; where the next is can't be told from where the newest is."""
    torch.manual_seed(0)
    design = Design(latent=latent, history=history, encoder=CNN(channels=(4, 4, 4, 4, 4)), **SMALL)
    model = WorldModel(Architecture.of(contract, design), contract, UNIT, "circle")
    optimiser = torch.optim.Adam(model.predictor.parameters(), lr=1e-2)
    for _ in range(150):
        angle = 6.3 * torch.rand(64, 1) + 0.5 * torch.sign(torch.randn(64, 1)) * torch.arange(3)
        latents = functional.pad(torch.stack([angle.cos(), angle.sin()], dim=-1), (0, 6)).unsqueeze(2)
        loss = (model.predict(latents[:, :2], torch.zeros(64, 1, 2))[:, 0] - latents[:, 2]).pow(2).sum(-1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    ignorance = np.sin(0.5) ** 2  # what is left where the mean of both ways is all that can be said
    assert (loss.item() < 0.2 * ignorance) == knows
    assert (loss.item() > 0.7 * ignorance) != knows


def test_a_default_model_computes_what_its_weights_have_always_meant(model):
    """Written out once more, so that models which were trained before keep their latents."""
    weights, observation = model.state_dict(), seen(3)
    w = lambda name: (weights[f"{name}.weight"], weights[f"{name}.bias"])  # noqa: E731
    features = torch.from_numpy(observation.images[CAMERA]).permute(2, 0, 1).unsqueeze(0).float() / 255.0 - 0.5
    features = functional.silu(functional.conv2d(features, *w("encoder.images.0.features.0"), stride=4))
    for layer in (2, 4, 6):
        name = f"encoder.images.0.features.{layer}"
        features = functional.silu(functional.conv2d(features, *w(name), stride=2, padding=1))
    features = functional.linear(features.flatten(1), *w("encoder.images.0.project"))
    state = torch.cat([model.normalise_state(torch.from_numpy(observation.state)), torch.ones(2)]).unsqueeze(0)
    felt = functional.linear(functional.silu(functional.linear(state, *w("encoder.state.project.0"))),
                             *w("encoder.state.project.2"))  # fmt: skip
    fused = functional.linear(
        functional.layer_norm(features + felt, (256,), *w("encoder.fuse.0")), *w("encoder.fuse.1")
    )
    latent = functional.linear(functional.silu(fused), *w("encoder.fuse.3"))
    torch.testing.assert_close(model.encode(observation), latent.unsqueeze(1), atol=1e-5, rtol=0)

    action = torch.tensor([[0.4, -0.2]])
    change = torch.cat([latent, action / model.action_scale], dim=1)
    for layer in (0, 2):
        change = functional.silu(functional.linear(change, *w(f"predictor.change.{layer}")))
    after = latent + functional.linear(change, *w("predictor.change.4"))
    torch.testing.assert_close(model.predict(latent.unsqueeze(1), action.unsqueeze(1))[:, 0, 0], after)


def test_a_model_from_before_encoders_had_names_is_read_as_convolutional(model, tmp_path):
    model.save_pretrained(tmp_path / "old", "# card")
    path = tmp_path / "old/config.json"
    config = json.loads(path.read_text())
    sizes = {name: config["architecture"][name] for name in ("images", "state_size", "action_size", "latent_size")}
    channels = config["architecture"]["encoder"]["channels"]
    old = {**sizes, "encoder_channels": channels, "encoder_width": 256, "predictor_width": 256}
    path.write_text(json.dumps({**config, "architecture": old}))
    assert WorldModel.from_pretrained(tmp_path / "old").architecture == model.architecture


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoder": {"kind": "resnet"}}, "encoder.*'cnn', 'vit'"),
        ({"encoder": {"kind": "vit", "width": 30, "heads": 4}}, "30 can't be shared by 4 heads"),
        ({"encoder": {"kind": "vit", "patch": 7}}, f"{CAMERA}: an image of 64×64 can't be cut into patches of 7×7"),
        ({"latent": "mean"}, "latent.*'pooled' or 'tokens'"),
        ({"history": 0}, "history"),
        ({"action_block": 0}, "action_block"),
    ],
)
def test_a_design_that_can_not_be_is_refused_with_what_is_allowed(model, tmp_path, change, reason):
    model.save_pretrained(tmp_path / "odd", "# card")
    path = tmp_path / "odd/config.json"
    config = json.loads(path.read_text())
    config["architecture"].update(change)
    path.write_text(json.dumps(config))
    with pytest.raises(ModelError, match=f"(?s){reason}"):
        WorldModel.from_pretrained(tmp_path / "odd")


def test_a_design_that_does_not_suit_a_robot_is_refused_in_one_sentence(contract):
    with pytest.raises(ValueError, match=f"^{CAMERA}: an image of 64×64 can't be cut into patches of 9×9; choose"):
        Architecture.of(contract, Design(encoder=ViT(patch=9)))


def test_tokens_without_a_camera_are_refused():
    with pytest.raises(ValueError, match="needs a camera"):
        Architecture(images={}, state_size=3, action_size=1, latent="tokens")
