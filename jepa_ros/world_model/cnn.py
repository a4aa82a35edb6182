"""See with convolutions."""

from __future__ import annotations

from torch import nn

from jepa_ros.world_model.architecture import CNN


class ConvolutionalNetwork(nn.Sequential):
    """Pixels (B, 3, height, width) → feature map (B, channels, rows, columns)."""

    def __init__(self, sizes: CNN, image: tuple[int, int]):
        channels = sizes.channels
        layers: list[nn.Module] = [nn.Conv2d(3, channels[0], kernel_size=4, stride=4), nn.SiLU()]
        for before, after in zip(channels, channels[1:]):
            layers += [nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1), nn.SiLU()]
        super().__init__(*layers)
        self.channels = channels[-1]
