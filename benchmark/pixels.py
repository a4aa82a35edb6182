"""The baseline of the distractors: the same world model, taught to reconstruct pixels instead of predicting latents.

Everything is that of the JEPA: encoder, latent, predictor, data, windows, augmentation, steps, batch, optimiser,
weights, and every other term of the loss. One term differs: what the predicted latents are compared with. There it is
the latents of the frames that came; here a decoder makes pictures of them, which are compared with these frames, and of
the present latents, which are compared with the present frames. The frames are those of the camera, without the
augmentation that the encoder saw. The decoder is thrown away after training.

Source: PlaNet (Hafner et al., arXiv 1811.04551), World Models (Ha and Schmidhuber, arXiv 1803.10122).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.losses import Sequences
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.terms import usual_terms
from jepa_ros.world_model import Architecture, WorldModel

VARIANCE = 0.01  # of values in 0 … 1 about the mean picture, so that an error of 1 is about what that picture gives


class Decoder(nn.Module):
    """Makes a picture of a latent: the image encoder, back to front."""

    def __init__(self, size: tuple[int, int], architecture: Architecture):
        super().__init__()
        channels, width = architecture.encoder.channels, architecture.encoder_width
        scale = 4 * 2 ** (len(channels) - 1)
        coarse = (channels[-1], size[0] // scale, size[1] // scale)
        layers: list[nn.Module] = [
            nn.Linear(architecture.flat_size, width),
            nn.SiLU(),
            nn.Linear(width, coarse[0] * coarse[1] * coarse[2]),
            nn.SiLU(),
            nn.Unflatten(1, coarse),
        ]
        for before, after in zip(channels[::-1], channels[-2::-1]):
            layers += [nn.ConvTranspose2d(before, after, kernel_size=4, stride=2, padding=1), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.ConvTranspose2d(channels[0], 3, kernel_size=4, stride=4))

    def forward(self, latents: Tensor) -> Tensor:
        """Latents (B, D) → pictures (B, H, W, 3) with values in 0 … 1, a little beyond where it errs."""
        return self.layers(latents).permute(0, 2, 3, 1) + 0.5


class Reconstruction(nn.Module):
    """Squared error of pictures decoded from the present latents and from the open-loop rollout."""

    def __init__(self, architecture: Architecture):
        super().__init__()
        self.decoders = nn.ModuleList(Decoder(size, architecture) for size in architecture.images.values())
        self.cameras = tuple(architecture.images)

    def forward(self, batch: Sequences) -> Tensor:
        latents = torch.cat([batch.context, batch.predicted], dim=1).flatten(0, 1)
        errors = []
        for camera, decoder in zip(self.cameras, self.decoders):
            frames = batch.images[camera].float() / 255
            wanted = torch.cat([frames, frames[:, -batch.predicted.shape[1] :]], dim=1).flatten(0, 1)
            errors.append(functional.mse_loss(decoder(latents), wanted) / VARIANCE)
        return sum(errors)


def pixel_terms(model: WorldModel, recipe: Recipe, group: Group = ALONE) -> nn.ModuleDict:
    """The JEPA's terms of the loss, with pictures for its prediction's target."""
    terms = usual_terms(model, recipe, group)
    terms["prediction"] = Reconstruction(model.architecture)
    return terms
