"""What latents say of the measured state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from jepa_ros.world_model.world_model import WorldModel

SAMPLES = 512
EVEN = 3**0.5  # half the width of an even distribution, in its standard deviations


class StateReadout:
    """A linear map from latents to states, which training makes them hold (see the term ``state_readout``).

    It is found without data: the encoder is shown states alone, spread evenly as widely as the calibration says that
    they spread, and least squares lead back. ``told`` (S,) is the share of each value's variance there that latents
    tell, 1 at best.
    """

    @torch.inference_mode(False)  # so that gradients pass through it later
    @torch.no_grad()
    def __init__(self, model: WorldModel):
        encoder, size = model.encoder, model.architecture.state_size
        dice = torch.Generator().manual_seed(0)
        states = (EVEN * (2.0 * torch.rand(SAMPLES, size, generator=dice) - 1.0)).to(model.device)
        latents = _flat(encoder.join(encoder.unseen, states))
        self._mean, self._scale = model.state_mean.clone(), model.state_scale.clone()
        # On the processor, whose solver minds no directions that latents leave unused; in double, for it is accurate.
        self._map = torch.linalg.lstsq(latents.double().cpu(), states.double().cpu()).solution.to(states)
        self.told = 1.0 - (latents @ self._map - states).square().mean(dim=0)

    def __call__(self, latent: Tensor) -> Tensor:
        """Latents (..., N, D) → states (..., S) in contract units."""
        return (_flat(latent) @ self._map) * self._scale + self._mean


def _flat(latent: Tensor) -> Tensor:
    """Latents (..., N, D) as inputs of a linear map with an offset (..., D + 1). Every token holds the state."""
    mean = latent.mean(dim=-2)
    return torch.cat([mean, torch.ones_like(mean[..., :1])], dim=-1)
