"""See with attention between patches."""

from __future__ import annotations

from torch import Tensor, nn

from jepa_ros.world_model.architecture import ViT
from jepa_ros.world_model.transformer import Block, places


class VisionTransformer(nn.Module):
    """Pixels (B, 3, height, width) → feature map (B, channels, rows, columns), a cell for each patch.

    Source: Dosovitskiy et al., "An Image Is Worth 16×16 Words" (arXiv 2010.11929), without a class token.
    """

    def __init__(self, sizes: ViT, image: tuple[int, int]):
        super().__init__()
        self.channels = sizes.width
        self.grid = sizes.grid(image)
        self.embed = nn.Conv2d(3, sizes.width, kernel_size=sizes.patch, stride=sizes.patch)
        self.places = places(self.grid[0] * self.grid[1], sizes.width)
        self.blocks = nn.Sequential(*(Block(sizes.width, sizes.heads) for _ in range(sizes.depth)))
        self.norm = nn.LayerNorm(sizes.width)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.embed(pixels).flatten(2).transpose(1, 2)
        seen = self.norm(self.blocks(patches + self.places))
        return seen.transpose(1, 2).unflatten(2, self.grid)
