"""What a robot perceived at one moment, as far as memory keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Sight:
    """One moment of a stream.

    ``latent`` (N, D), ``state`` (S,) in the contract's order and units, ``stamp_ns`` of the image, ``pose`` (x, y, yaw)
    in m and rad where the robot knows it, ``thumbnail`` uint8 (H, W, 3) RGB for people to look at.
    """

    latent: Tensor
    state: Tensor | np.ndarray
    stamp_ns: int
    pose: tuple[float, float, float] | None = None
    thumbnail: np.ndarray | None = None

    def numbers(self, kind: np.dtype, model: str) -> tuple[np.ndarray, np.ndarray]:
        """The latent (N·D,) and the state (S,) for a row of a kind.

        Raises ValueError where the latent is not finite, or they are not as the model of that name makes them.
        """
        latent = self.latent.detach().cpu().numpy().ravel()
        state = np.asarray(self.state, np.float32).ravel()
        if latent.shape != kind["latent"].shape or state.shape != kind["state"].shape or not np.isfinite(latent).all():
            raise ValueError(
                f"a latent of {latent.size} and a state of {state.size} numbers; allowed: finite latents of "
                f"{kind['latent'].shape[0]}, states of {kind['state'].shape[0]} as model {model} makes them"
            )
        return latent, state
