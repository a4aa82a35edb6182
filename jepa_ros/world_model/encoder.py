"""One observation, seen and felt, becomes one latent."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from jepa_ros.world_model.architecture import Architecture


class ImageEncoder(nn.Module):
    """A small convolutional network that keeps *where* things are: its last feature map is flattened, not averaged."""

    def __init__(self, size: tuple[int, int], channels: tuple[int, ...], width: int):
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, channels[0], kernel_size=4, stride=4), nn.SiLU()]
        for before, after in zip(channels, channels[1:]):
            layers += [nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1), nn.SiLU()]
        self.features = nn.Sequential(*layers, nn.Flatten())
        with torch.no_grad():
            length = self.features(torch.zeros(1, 3, *size)).shape[1]
        self.project = nn.Linear(length, width)

    def forward(self, image: Tensor) -> Tensor:
        """Images uint8 (B, H, W, 3) → features (B, width)."""
        pixels = image.permute(0, 3, 1, 2).float() / 255.0 - 0.5
        return self.project(self.features(pixels))


class StateEncoder(nn.Module):
    """The normalised state vector, and which of its entries are known, become features."""

    def __init__(self, state_size: int, width: int):
        super().__init__()
        self.project = nn.Sequential(nn.Linear(2 * state_size, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, state: Tensor) -> Tensor:
        """States (B, S) in standard deviations, NaN where unknown → features (B, width)."""
        known = torch.isfinite(state)
        return self.project(torch.cat([torch.where(known, state, 0.0), known.to(state.dtype)], dim=-1))


@dataclass(frozen=True)
class Percept:
    """Latents (B, N, D) of the same observations.

    ``latent`` of all senses, ``sight`` of the images alone, as a goal image has it; None without images.
    """

    latent: Tensor
    sight: Tensor | None


class Encoder(nn.Module):
    """Fuses every camera and the state vector into one latent.

    Features of the senses are summed; a sense that is absent contributes a learned constant instead. So a goal image
    alone, a state alone and a full observation all have a latent in the same space (training drops senses at random).
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        width = architecture.encoder_width
        self.cameras = tuple(architecture.images)
        self.images = nn.ModuleList(
            ImageEncoder(size, architecture.encoder_channels, width) for size in architecture.images.values()
        )
        self.state = StateEncoder(architecture.state_size, width)
        self.unseen = nn.Parameter(torch.zeros(width))
        self.fuse = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, architecture.latent_size),
        )

    def forward(self, images: dict[str, Tensor], state: Tensor) -> Tensor:
        """Images uint8 {camera: (B, H, W, 3)}, empty when unseen; normalised states (B, S) → latents (B, 1, D)."""
        return self.join(self.see(images) if images else self.unseen, state)

    def perceive(self, images: dict[str, Tensor], state: Tensor) -> Percept:
        """``forward``, and the same without the state, looking once."""
        if not images:
            return Percept(self.join(self.unseen, state), None)
        seen = self.see(images)
        return Percept(self.join(seen, state), self.join(seen, torch.full_like(state, torch.nan)))

    def see(self, images: dict[str, Tensor]) -> Tensor:
        """Features (B, width), summed over the cameras."""
        return sum(encode(images[camera]) for camera, encode in zip(self.cameras, self.images))

    def join(self, seen: Tensor, state: Tensor) -> Tensor:
        """Features of the images (B, width) and normalised states (B, S) → latents (B, 1, D)."""
        return self.fuse(seen + self.state(state)).unsqueeze(-2)
