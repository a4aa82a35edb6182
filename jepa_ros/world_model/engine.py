"""How predictions are computed: plainly, in half the digits where that is faster, as compiled code, or by replay."""

from __future__ import annotations

import copy
import os
import shutil

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Names of engines; ``auto`` is the quickest one on the device that the model is on.
ENGINES = ("auto", "float32", "bfloat16", "compiled", "cuda_graphs")
#: Layers with fewer inputs or outputs gain less than it costs to convert what goes in and comes out.
LEAST_SIZE = 128
#: Weights of a layer from which on rounding is worth it: with fewer, a rollout in place is as quick, with all digits.
WORTH_ROUNDING = 2**17
#: What a processor says of itself that multiplies bfloat16 in half the time (x86-64, then Arm).
_FASTER = ("avx512_bf16", "amx_bf16", "bf16")


#: What may stand between two layers without any need of the digits that were rounded off.
_ACTIVATIONS = (nn.SiLU, nn.GELU, nn.ReLU, nn.Identity)


class Rounded(nn.Module):
    """A linear layer that multiplies in bfloat16 and adds up in float32.

    What it gives is float32, or bfloat16 where it ``stays``: for another such layer, going back gains nothing.
    """

    def __init__(self, layer: nn.Linear):
        super().__init__()
        self.weight = layer.weight.detach().bfloat16()
        self.bias = None if layer.bias is None else layer.bias.detach().bfloat16()
        self.stays = False

    def forward(self, values: Tensor) -> Tensor:
        given = functional.linear(values.bfloat16(), self.weight, self.bias)
        return given if self.stays else given.float()


def rounded(network: nn.Module) -> nn.Module:
    """The network with its large linear layers ``Rounded``, as their weights are now; it shares all others."""
    if isinstance(network, nn.Linear):
        return Rounded(network) if min(network.weight.shape) >= LEAST_SIZE else network
    other = copy.copy(network)
    other._modules = {name: rounded(part) for name, part in network._modules.items()}
    if isinstance(network, nn.Sequential):
        _stay(list(other))
    return other


def _stay(parts: list[nn.Module]) -> None:
    """Let rounded layers stay so where only activations lie between them and the next one."""
    layers = [part for part in parts if not isinstance(part, _ACTIVATIONS)]
    for layer, following in zip(layers, layers[1:]):
        if isinstance(layer, Rounded):
            layer.stays = isinstance(following, Rounded)


def bfloat16_pays(network: nn.Module) -> bool:
    """Whether a network's device multiplies bfloat16 faster than float32, and its layers are large enough to gain."""
    able = torch.cpu.get_capabilities()
    largest = max(weights.numel() for weights in network.parameters())
    quicker = any(able.get(name, False) for name in _FASTER)
    return _device(network).type == "cpu" and quicker and largest >= WORTH_ROUNDING


def cpp_compiler() -> str | None:
    """Where the C++ compiler is that compiled predictions need; None where there is none."""
    return shutil.which(os.environ.get("CXX", "g++"))


def resolved(engine: str, network: nn.Module) -> str:
    """Which of ``ENGINES`` but auto is meant for a network. Raises ValueError for others, and for what it can't do."""
    device = _device(network).type
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r}; allowed: {', '.join(map(repr, ENGINES))}")
    if engine == "cuda_graphs" and device != "cuda":
        raise ValueError(f"engine 'cuda_graphs' with a model on {device}; allowed: on a GPU (cuda)")
    if engine == "compiled" and cpp_compiler() is None:
        raise ValueError("engine 'compiled' without a C++ compiler; allowed: where g++ is found, or what CXX names")
    if engine != "auto":
        return engine
    return "cuda_graphs" if device == "cuda" else "bfloat16" if bfloat16_pays(network) else "float32"


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device
