"""Random changes of light and noise, so that the encoder leans on shapes rather than on exact pixel values."""

from __future__ import annotations

import torch
from torch import Tensor

CONTRAST, TINT, NOISE = 0.15, 12.0, 6.0  # standard deviations; tint and noise in grey levels of 255


def jitter(images: Tensor, strength: float) -> Tensor:
    """Images uint8 (B, T, H, W, 3) → the same under one random light per window and fresh noise per pixel."""
    light = (len(images), 1, 1, 1)
    contrast = 1 + strength * CONTRAST * torch.randn(*light, 1, device=images.device)
    tint = strength * TINT * torch.randn(*light, 3, device=images.device)
    noise = strength * NOISE * torch.randn(images.shape, device=images.device)
    return ((images.float() - 128) * contrast + 128 + tint + noise).clamp(0, 255).to(torch.uint8)
