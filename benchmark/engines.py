"""What engines make of the rollout, the hot path of every search: each beside plain steps, in turn, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from benchmark.figures import Figure, conditions
from benchmark.nodes import MODEL, planar_arm_contract
from benchmark.peers import NoPeer
from benchmark.runtimes import by_onnx_runtime, by_openvino
from jepa_ros.evaluation.statistics import ratio_of_medians
from jepa_ros.world_model import WorldModel
from jepa_ros.world_model.architecture import Architecture, Design, Transformer
from jepa_ros.world_model.calibration import Calibration
from jepa_ros.world_model.predictor import one_by_one

PREFIX = "engine_speedup"
WAYS = ("in_place", "bfloat16", "compiled", "onnx_runtime", "openvino", "openvino_bfloat16")
NEAR = 0.02  # of what predictions differ by: as far as those of one way may be from the plain ones
LARGE = Transformer(width=192, depth=6, heads=16)
NUMBERS = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(1.0, 1.0))


@dataclass(frozen=True)
class Rollouts:
    """So many candidates, rolled out by a predictor so many steps, so many times by each engine."""

    make: Callable[[], WorldModel]
    what: str
    candidates: int
    steps: int
    times: int


def _large() -> WorldModel:
    """Random weights, of a latent of 16 tokens."""
    torch.manual_seed(0)
    contract = planar_arm_contract()
    shape = Architecture.of(contract, Design(latent="tokens", token_predictor=LARGE))
    model = WorldModel(shape, contract, NUMBERS, "large").eval().requires_grad_(False)
    nn.init.normal_(model.predictor.change[-1].weight, std=0.05)  # they begin at zero, where nothing changes
    return model


SHIPPED = partial(WorldModel.from_pretrained, MODEL)
CASES = {
    "gauss_newton": Rollouts(SHIPPED, "the planar arm's predictor", 26, 8, 2000),
    "cem": Rollouts(SHIPPED, "the planar arm's predictor", 80, 8, 1000),
    "transformer": Rollouts(_large, "a predictor of 6 blocks of width 192, 16 heads, over 16 tokens", 20, 4, 30),
}
NAMES = tuple(f"{PREFIX}.{case}.{way}" for case in CASES for way in WAYS)


def measure(tell: Callable[[float, float], None]) -> dict[str, Figure]:
    """Roll the same candidates out by every engine, again and again."""
    torch.set_num_threads(1)
    figures = {}
    for done, (case, rollouts) in enumerate(CASES.items(), start=1):
        seconds = _seconds(rollouts)
        plain = seconds.pop("plain")
        for way, spent in seconds.items():
            figures[f"{PREFIX}.{case}.{way}"] = _figure(rollouts, way, plain, spent)
        tell(done, len(CASES))
    return figures


@torch.inference_mode()
def _seconds(rollouts: Rollouts) -> dict[str, list[float]]:
    """Processor time (s) of each rollout, by way."""
    model = rollouts.make()
    shape = model.architecture
    context = torch.randn(rollouts.candidates, shape.history, shape.tokens, shape.latent_size)
    actions = torch.randn(rollouts.candidates, rollouts.steps, shape.action_size)
    ways = _ways(model, context, actions)
    _check(ways, context, actions)
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rollouts.times):
        for name, way in ways.items():
            begin = time.process_time()
            way(context, actions)
            spent[name].append(time.process_time() - begin)
    return spent


def _ways(model: WorldModel, context: Tensor, actions: Tensor) -> dict[str, Callable[[Tensor, Tensor], Tensor]]:
    """Everything that can roll these out, ready to."""

    def plain(latent: Tensor, done: Tensor) -> Tensor:
        return one_by_one(model.predictor, model.context(latent), model.blocks(done))

    compiled = model.by_engine("compiled").predict
    compiled(context, actions)
    compiled.settle()
    asked = plain, model.predictor, (context, actions)
    with torch.inference_mode(False):
        return {
            "plain": plain,
            "in_place": model.predict,
            "bfloat16": model.by_engine("bfloat16").predict,
            "compiled": compiled,
            "onnx_runtime": by_onnx_runtime(*asked),
            "openvino": by_openvino(*asked, "f32"),
            "openvino_bfloat16": by_openvino(*asked, "bf16"),
        }


def _check(ways: dict[str, Callable[[Tensor, Tensor], Tensor]], context: Tensor, actions: Tensor) -> None:
    """Raise NoPeer where one of them predicts something else."""
    expected = ways["plain"](context, actions)
    for name, way in ways.items():
        apart = float((way(context, actions) - expected).norm() / (expected - context[:, -1:]).norm())
        if apart > NEAR:
            raise NoPeer(f"{name} predicts something else: its changes are off by {apart:.2g} of themselves")


def _figure(rollouts: Rollouts, way: str, plain: list[float], spent: list[float]) -> Figure:
    ratio, low, high = ratio_of_medians(plain, spent)
    how = conditions(
        f"processor time of float32, step by step, over that of {way}; {rollouts.what}, {rollouts.candidates} "
        f"candidates × {rollouts.steps} steps, one thread"
    )
    return Figure(ratio, "×", low, high, len(spent), how)
