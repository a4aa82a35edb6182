"""On a GPU predictions are replayed: the same numbers, in less time, without growth."""

import threading
from pathlib import Path

import pytest
import torch

from jepa_ros.planning import CrossEntropy, GaussNewton, Planner, Present
from jepa_ros.world_model import WorldModel
from jepa_ros.world_model.graphs import KEPT, _Graph

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


@pytest.fixture
def model():
    return WorldModel.from_pretrained(ROOT / "models/planar_arm", "cuda")


def situation(model, batch, seed=0):
    random = torch.Generator().manual_seed(seed)
    latents = torch.randn(batch, 1, model.architecture.latent_size, generator=random)
    return latents.cuda(), (torch.rand(batch, 8, 2, generator=random) * 2 - 1).cuda()


@torch.inference_mode()
def test_what_is_replayed_is_what_would_be_computed_whatever_came_before(model):
    for batch, seed in [(50, 0), (50, 1), (7, 2), (50, 3)]:
        asked = situation(model, batch, seed)
        torch.testing.assert_close(model.by_engine("auto").predict(*asked), model.predict(*asked))


@torch.inference_mode()
def test_a_prediction_stays_when_the_next_one_is_made(model):
    quick = model.by_engine("cuda_graphs")
    first = quick.predict(*situation(model, 50, 0))
    before = first.clone()
    quick.predict(*situation(model, 50, 1))
    assert torch.equal(first, before)


def test_gradients_pass_through(model):
    latents, actions = situation(model, 5)
    actions.requires_grad_()
    (slope,) = torch.autograd.grad(model.by_engine("cuda_graphs").predict(latents, actions).sum(), actions)
    assert slope.abs().sum() > 0


@torch.inference_mode()
def test_graphs_of_many_shapes_do_not_pile_up(model):
    quick = model.by_engine("cuda_graphs")
    for batch in range(1, 3 * KEPT):
        quick.predict(*situation(model, batch))
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    for batch in range(1, 3 * KEPT):
        quick.predict(*situation(model, batch))
    torch.cuda.synchronize()
    assert torch.cuda.memory_allocated() <= before + 1_000_000


def test_threads_get_each_its_own(model):
    quick = model.by_engine("cuda_graphs")
    asked = [situation(model, 50, seed) for seed in range(4)]
    with torch.inference_mode():
        wanted = [model.predict(*question) for question in asked]
    wrong = []

    def ask(index: int) -> None:
        with torch.inference_mode():
            for _ in range(100):
                if not torch.allclose(quick.predict(*asked[index]), wanted[index], atol=1e-4):
                    wrong.append(index)

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("search", [GaussNewton(), CrossEntropy(iterations=10)], ids=["gauss_newton", "cem"])
def test_plans_on_a_gpu_are_replayed_and_as_good_as_those_of_the_plain_engine(model, search, monkeypatch):
    replayed = []
    replay = _Graph.replay
    monkeypatch.setattr(_Graph, "replay", lambda graph, asked: (replayed.append(graph), replay(graph, asked))[1])
    latent, goal = situation(model, 2)[0].unsqueeze(1)
    present = Present(torch.zeros(2).cuda(), torch.zeros(2).cuda())
    limits = model.contract.limits
    plain, quick = (
        Planner(limits, search=search, engine=engine).plan(model, latent, goal, present)
        for engine in ("float32", "cuda_graphs")
    )
    predictions = {graph for graph in replayed if graph._result.dim() == 4}
    assert len(predictions) >= 1
    assert quick.cost == pytest.approx(plain.cost, rel=1e-3)
    assert quick.actions.device.type == "cuda"
