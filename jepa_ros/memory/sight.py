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
