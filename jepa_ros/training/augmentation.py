"""Random changes of light and noise, so that the encoder leans on shapes rather than on exact pixel values."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from jepa_ros.training.chance import Chance

CONTRAST, TINT, NOISE = 0.15, 12.0, 6.0  # standard deviations; tint and noise in grey levels of 255
POOL = 1 << 20  # numbers that noise is cut out of: drawing it for every window would cost more than a layer


def jitter(images: Tensor, strength: float, chance: Chance) -> Tensor:
    """Images uint8 (B, T, H, W, 3) → float, in grey levels of 255, under another light and with noise.

    Light and noise are drawn anew for each window, whose frames share them.
    """
    windows, _, *size = images.shape
    contrast = 1 + strength * CONTRAST * chance.normal(windows, 1, 1, 1, 1)
    tint = strength * TINT * chance.normal(windows, 1, 1, 1, size[-1])
    light = (tint + 128 - 128 * contrast).to(images.device)
    noise = _noise(size, chance.uniform(windows), images.device).unsqueeze(1)
    offset = torch.add(light, noise, alpha=strength * NOISE)
    return images.float().mul_(contrast.to(images.device)).add_(offset).clamp_(0, 255)


def _noise(size: list[int], lots: Tensor, device: torch.device) -> Tensor:
    """Standard normal noise (B, *size): for each lot in [0, 1) a stretch of the pool."""
    length = torch.Size(size).numel()
    pool = _pool(length, device)
    starts = (lots.double() * (len(pool) - length)).long().tolist()
    return torch.stack([pool[start : start + length] for start in starts]).unflatten(-1, size)


@cache
def _pool(length: int, device: torch.device) -> Tensor:
    """A fixed row of standard normal numbers, several times as long as what is cut out of it."""
    return torch.randn(max(POOL, 4 * length), generator=torch.Generator().manual_seed(0)).to(device)
