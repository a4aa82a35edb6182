"""One observation, seen and felt, becomes one latent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from jepa_ros.world_model.architecture import Architecture
from jepa_ros.world_model.cnn import ConvolutionalNetwork
from jepa_ros.world_model.transformer import places
from jepa_ros.world_model.vit import VisionTransformer

EYES = {"cnn": ConvolutionalNetwork, "vit": VisionTransformer}


class PooledFeatures(nn.Linear):
    """A feature map becomes one token that keeps *where* things are: the map is flattened, not averaged."""

    def __init__(self, channels: int, grid: tuple[int, int], width: int):
        super().__init__(channels * grid[0] * grid[1], width)

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, rows, columns) → (B, 1, width)."""
        return super().forward(features.flatten(1)).unsqueeze(-2)

    @staticmethod
    def unite(cameras: Sequence[Tensor]) -> Tensor:
        """The features of several cameras are summed."""
        return sum(cameras)


class TokenFeatures(nn.Module):
    """Every cell of a feature map becomes a token, which knows its place."""

    def __init__(self, channels: int, grid: tuple[int, int], width: int):
        super().__init__()
        self.project = nn.Linear(channels, width)
        self.places = places(grid[0] * grid[1], width)

    def forward(self, features: Tensor) -> Tensor:
        """(B, channels, rows, columns) → (B, N, width)."""
        return self.project(features.flatten(2).transpose(1, 2)) + self.places

    @staticmethod
    def unite(cameras: Sequence[Tensor]) -> Tensor:
        """The tokens of several cameras stand one after the other."""
        return torch.cat(list(cameras), dim=-2)


FEATURES = {"pooled": PooledFeatures, "tokens": TokenFeatures}


class ImageEncoder(nn.Module):
    """What one camera shows becomes features."""

    def __init__(self, size: tuple[int, int], architecture: Architecture):
        super().__init__()
        sizes = architecture.encoder
        self.features = EYES[sizes.kind](sizes, size)
        self.project = FEATURES[architecture.latent](
            self.features.channels, sizes.grid(size), architecture.encoder_width
        )

    def forward(self, image: Tensor) -> Tensor:
        """Images uint8 (B, H, W, 3) → features (B, N, width)."""
        grey = image.permute(0, 3, 1, 2).float()
        pixels = torch.add(grey.new_tensor(-0.5), grey, alpha=1 / 255)  # in one pass over the largest tensor there is
        return self.project(self.features(pixels))


class StateEncoder(nn.Module):
    """The normalised state vector, and which of its entries are known, become features."""

    def __init__(self, state_size: int, width: int):
        super().__init__()
        self.project = nn.Sequential(nn.Linear(2 * state_size, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, state: Tensor) -> Tensor:
        """States (..., S) in standard deviations, NaN where unknown → features (..., width)."""
        known = torch.isfinite(state)
        return self.project(torch.cat([torch.where(known, state, 0.0), known.to(state.dtype)], dim=-1))


@dataclass(frozen=True)
class Percept:
    """Latents (B, N, D) of the same observations.

    ``latent`` of all senses, ``sight`` of the images alone, as a goal image has it, ``feeling`` of the state alone, as
    a goal state has it. Where one of the two is all there is, all three are the same.
    """

    latent: Tensor
    sight: Tensor
    feeling: Tensor


class Encoder(nn.Module):
    """Fuses every camera and the state vector into one latent.

    Features of the senses are summed, those of the state with every token; a sense that is absent contributes a learned
    constant instead. So a goal image alone, a state alone and a full observation all have a latent in the same space
    (training drops senses at random).
    """

    def __init__(self, architecture: Architecture):
        super().__init__()
        width = architecture.encoder_width
        self.architecture = architecture
        self.images = nn.ModuleList(ImageEncoder(size, architecture) for size in architecture.images.values())
        self.unite = FEATURES[architecture.latent].unite
        self.state = StateEncoder(architecture.state_size, width)
        self.unseen = _constant(architecture)
        self.fuse = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, architecture.latent_size),
        )

    def forward(self, images: dict[str, Tensor], state: Tensor) -> Tensor:
        """Images uint8 {camera: (B, H, W, 3)}, empty when unseen; normalised states (B, S) → latents (B, N, D)."""
        return self.join(self.see(images) if images else self.unseen, state)

    def perceive(self, images: dict[str, Tensor], state: Tensor) -> Percept:
        """``forward``, and the same of each sense alone, looking once."""
        if not images:
            return Percept(*[self.join(self.unseen, state)] * 3)
        seen = self.see(images)
        sight = self.join(seen, torch.full_like(state, torch.nan))
        return Percept(self.join(seen, state), sight, self.join(self.unseen, state) if state.shape[-1] else sight)

    def see(self, images: dict[str, Tensor]) -> Tensor:
        """Features (B, N, width) of all cameras. Of those that are absent, tokens stay unseen.

        Raises ValueError where one of several is absent and they share a token: training never hides one alone.
        """
        batch = len(next(iter(images.values())))
        return self.unite(
            [
                encode(images[camera]) if camera in images else self._unseen_by(camera).expand(batch, -1, -1)
                for camera, encode in zip(self.architecture.images, self.images)
            ]
        )

    def join(self, seen: Tensor, state: Tensor) -> Tensor:
        """Features of the images (..., N, width) and normalised states (..., S) → latents (..., N, D)."""
        return self.fuse(seen + self.state(state).unsqueeze(-2))

    def _unseen_by(self, camera: str) -> Tensor:
        return self.unseen[self.architecture.tokens_of(camera)]


def _constant(architecture: Architecture) -> nn.Parameter:
    """What stands for images that are absent: for each token something else, or all tokens would be the same."""
    if architecture.latent == "pooled":
        return nn.Parameter(torch.zeros(architecture.encoder_width))
    return places(architecture.tokens, architecture.encoder_width)
