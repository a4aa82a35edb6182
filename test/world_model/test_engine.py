"""However predictions are computed, they say the same."""

import pytest
import torch

from jepa_ros.world_model import engine as engines
from jepa_ros.world_model.architecture import Transformer
from jepa_ros.world_model.engine import ENGINES, resolved, rounded
from jepa_ros.world_model.predictor import Predictor, TokenPredictor

EVERYWHERE = [engine for engine in ENGINES if engine not in ("cuda_graphs", "compiled")]


@pytest.fixture(scope="module")
def future(model):
    """Predictions by an engine, of latents and actions that are always the same."""
    random = torch.Generator().manual_seed(0)
    latents = torch.randn(50, 1, model.architecture.latent_size, generator=random)
    actions = torch.rand(50, 8, 2, generator=random) * 2 - 1
    return lambda engine: model.by_engine(engine).predict(latents, actions)


@pytest.mark.parametrize("engine", EVERYWHERE)
def test_every_engine_predicts_the_same_to_a_small_part_of_the_tolerance(engine, model, future):
    apart = model.distance(future(engine).flatten(0, 1), future("float32").flatten(0, 1))
    assert apart.max() < 0.2 * model.calibration.tolerance


def test_rounding_is_not_for_nothing(future):
    assert not torch.equal(future("bfloat16"), future("float32"))


def test_predictions_by_any_engine_are_float32_and_pass_gradients_on(model):
    actions = torch.zeros(1, 3, 2, requires_grad=True)
    with torch.inference_mode():
        model.by_engine("bfloat16")
    for engine in EVERYWHERE:
        future = model.by_engine(engine).predict(torch.zeros(1, 1, model.architecture.latent_size), actions)
        (slope,) = torch.autograd.grad(future.sum(), actions)
        assert future.dtype is torch.float32
        assert slope.abs().sum() > 0


def test_an_engine_that_there_is_not_is_refused_with_those_that_there_are(model):
    with pytest.raises(
        ValueError, match="engine 'warp'; allowed: 'auto', 'float32', 'bfloat16', 'compiled', 'cuda_graphs'"
    ):
        model.by_engine("warp")


def test_where_all_digits_are_asked_for_nothing_is_rounded(model):
    for engine in ("auto", *EVERYWHERE):
        assert model.exactly_by_engine(engine) is model
    with pytest.raises(ValueError, match="engine 'warp'"):
        model.exactly_by_engine("warp")


def test_the_model_itself_stays_as_it_was(model):
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    model.by_engine("bfloat16")
    assert model.by_engine("float32") is model
    assert all(weights.dtype is torch.float32 for weights in model.state_dict().values())
    assert all(torch.equal(weights, before[name]) for name, weights in model.state_dict().items())


def test_a_transformer_is_rounded_in_all_its_large_layers(model):
    sizes = {"latent": "tokens", "token_predictor": Transformer(width=128, depth=1, heads=4)}
    predictor = TokenPredictor(model.architecture.model_copy(update=sizes)).requires_grad_(False)
    torch.nn.init.normal_(predictor.change[1].weight, std=0.1)
    torch.nn.init.normal_(predictor.blocks[0].modulate.weight, std=0.02)
    tokens, action = torch.randn(5, predictor.places.shape[0], model.architecture.latent_size), torch.randn(5, 2)
    exact, quick = predictor([tokens], action), rounded(predictor)([tokens], action)
    assert not torch.equal(exact, quick)
    torch.testing.assert_close(exact, quick, atol=0.05, rtol=0.0)


def test_a_network_too_small_to_gain_is_left_as_it_is(model):
    small = Predictor(model.architecture.model_copy(update={"predictor_width": 64}))
    latents, action = torch.randn(5, 1, model.architecture.latent_size), torch.randn(5, 2)
    assert torch.equal(rounded(small)([latents], action), small([latents], action))


def test_what_auto_is_follows_from_the_processor_and_the_size_of_layers(model, monkeypatch):
    large = torch.nn.Linear(1024, 1024)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    assert resolved("auto", large) == "bfloat16"
    assert resolved("auto", model.predictor) == "float32"
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": False})
    assert resolved("auto", large) == "float32"


def test_graphs_need_a_gpu_and_are_what_it_does_by_itself(model, monkeypatch):
    with pytest.raises(ValueError, match="engine 'cuda_graphs' with a model on cpu; allowed: on a GPU"):
        model.by_engine("cuda_graphs")
    monkeypatch.setattr(engines, "_device", lambda network: torch.device("cuda"))
    assert resolved("auto", model.predictor) == "cuda_graphs"
    assert resolved("bfloat16", model.predictor) == "bfloat16"
