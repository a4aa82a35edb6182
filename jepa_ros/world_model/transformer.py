"""The blocks of transformers: attention between tokens, then a small network on each token."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class Attention(nn.Module):
    """Every token takes from all tokens what it asks for.

    Source: Vaswani et al., "Attention Is All You Need" (arXiv 1706.03762).
    """

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, 3 * width)
        self.answer = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, width) → (B, N, width)."""
        query, key, value = self.ask(tokens).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        found = functional.scaled_dot_product_attention(query, key, value)
        return self.answer(found.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """A block that normalises before each of its parts.

    Source: the encoder of Dosovitskiy et al., ViT (arXiv 2010.11929).
    """

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.attention = Attention(width, heads)
        self.network = feed_forward(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, N, width) → (B, N, width)."""
        tokens = tokens + self.attention(self.norms[0](tokens))
        return tokens + self.network(self.norms[1](tokens))


class ConditionedBlock(nn.Module):
    """A block that a condition acts on: it scales and shifts what each part sees, and says how much the part changes.

    Source: AdaLN-Zero of Peebles and Xie, DiT (arXiv 2212.09748); for actions in world models, LeWorldModel.
    """

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width, elementwise_affine=False) for _ in range(2))
        self.attention = Attention(width, heads)
        self.network = feed_forward(width)
        self.modulate = unmoved(nn.Linear(width, 6 * width))

    def forward(self, tokens: Tensor, condition: Tensor) -> Tensor:
        """(B, N, width) under conditions (B, width) → (B, N, width)."""
        modulation = self.modulate(condition).unsqueeze(1).chunk(6, dim=-1)
        for norm, part, (scale, shift, gate) in zip(
            self.norms, (self.attention, self.network), (modulation[:3], modulation[3:])
        ):
            tokens = tokens + gate * part(norm(tokens) * (1 + scale) + shift)
        return tokens


def feed_forward(width: int) -> nn.Sequential:
    """The network of a block, four times as wide inside."""
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


def unmoved(layer: nn.Linear) -> nn.Linear:
    """A layer that gives zeros until it is trained."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def places(count: int, width: int) -> nn.Parameter:
    """Learned positions (count, width), small against what stands there."""
    return nn.Parameter(0.02 * torch.randn(count, width))
