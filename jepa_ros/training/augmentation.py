"""Random changes of light and noise, so that the encoder leans on shapes rather than on exact pixel values."""

from __future__ import annotations

import torch
from torch import Tensor

CONTRAST, TINT, NOISE = 0.15, 12.0, 6.0  # standard deviations; tint and noise in grey levels of 255


def jitter(images: Tensor, strength: float) -> Tensor:
    """Images uint8 (B, T, H, W, 3) → the same under another light and with noise, both drawn anew for each window.

    The frames of a window share their noise: drawing it for every frame would cost more than encoding them.
    """
    windows, _, height, width, colours = images.shape
    contrast = 1 + strength * CONTRAST * torch.randn(windows, 1, 1, 1, 1, device=images.device)
    tint = strength * TINT * torch.randn(windows, 1, 1, 1, colours, device=images.device)
    noise = strength * NOISE * torch.randn(windows, 1, height, width, colours, device=images.device)
    offset = noise.add_(tint + 128 - 128 * contrast)
    return images.float().mul_(contrast).add_(offset).clamp_(0, 255).to(torch.uint8)
