"""Compiled predictions say the same as any, and nobody waits for them to be compiled."""

import pytest
import torch

from jepa_ros.world_model import engine
from jepa_ros.world_model.compiled import KEPT, Compiled

needs_compiler = pytest.mark.skipif(engine.cpp_compiler() is None, reason="there is no C++ compiler here")


@pytest.fixture
def asked(model):
    """Latents and actions that are always the same."""
    random = torch.Generator().manual_seed(0)
    latents = torch.randn(50, 1, model.architecture.latent_size, generator=random)
    return latents, torch.rand(50, 4, 2, generator=random) * 2 - 1


@needs_compiler
def test_compiled_predictions_are_those_of_the_model(model, asked):
    quick, exact = model.by_engine("compiled"), model.predict(*asked)
    assert model.distance(quick.predict(*asked), exact).max() < 0.2 * model.calibration.tolerance
    quick.predict.settle()
    assert len(quick.predict._made) == 1
    assert model.distance(quick.predict(*asked), exact).max() < 0.2 * model.calibration.tolerance
    actions = asked[1].clone().requires_grad_()
    (slope,) = torch.autograd.grad(quick.predict(asked[0], actions).sum(), actions)
    assert slope.abs().sum() > 0


@needs_compiler
def test_compiled_predictions_with_all_digits_are_not_rounded(model, asked):
    quick = model.exactly_by_engine("compiled")
    with torch.inference_mode():
        quick.predict(*asked)
        quick.predict.settle()
        torch.testing.assert_close(quick.predict(*asked), model.predict(*asked), rtol=1e-5, atol=1e-5)
    assert len(quick.predict._made) == 1


def test_what_cannot_be_compiled_goes_on_as_it_is(caplog):
    def double(values: torch.Tensor) -> torch.Tensor:
        print("no code can be made of this", end="")
        return 2 * values

    quick = Compiled(double)
    with torch.inference_mode():
        assert torch.equal(quick(torch.ones(3)), torch.full((3,), 2.0))
        quick.settle()
        assert torch.equal(quick(torch.ones(3)), torch.full((3,), 2.0))
    assert "can't be compiled" in caplog.text


def test_only_so_many_shapes_are_compiled(monkeypatch):
    quick = Compiled(lambda values: values + 1)
    made = []
    monkeypatch.setattr(quick, "_make", lambda shapes, arguments: made.append(shapes))
    for size in range(1, KEPT + 4):
        assert torch.equal(quick(torch.zeros(size)), torch.ones(size))
    quick.settle()
    assert len(made) == KEPT


def test_a_machine_without_a_compiler_is_told_so(model, monkeypatch):
    monkeypatch.setenv("CXX", "no_such_compiler")
    with pytest.raises(ValueError, match="'compiled' without a C\\+\\+ compiler; allowed: where g\\+\\+ is found"):
        model.by_engine("compiled")
