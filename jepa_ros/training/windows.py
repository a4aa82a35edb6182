"""Short windows of frames, drawn at random from episodes: what a training step learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode


@dataclass(frozen=True)
class Windows:
    """B windows of T frames, one contract period apart.

    ``images`` uint8 {camera: (B, T, H, W, 3)}, ``state`` (B, T, S) and ``actions`` (B, T-1, A) in the contract's units;
    ``actions[:, t]`` leads from frame t to frame t + 1.
    """

    images: dict[str, Tensor]
    state: Tensor
    actions: Tensor


class WindowSampler:
    """Draws windows that lie within one episode. Raises ValueError where no episode is long enough for one."""

    def __init__(self, episodes: Sequence[Episode], frames: int, device: torch.device, seed: int = 0):
        self.episodes, self.frames, self.device = episodes, frames, device
        counts = [max(0, len(e.state) - e.stride * (frames - 1)) for e in episodes]
        if not sum(counts):
            raise ValueError(f"no episode has {frames} frames one period apart; record for longer, or look for gaps")
        self.ends = np.cumsum(counts)
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        return int(self.ends[-1])

    def draw(self, count: int) -> Windows:
        """``count`` windows, drawn uniformly with replacement."""
        return self.take(self.random.integers(0, len(self), count))

    def take(self, indices: np.ndarray) -> Windows:
        """The windows with these indices (B,), each in 0 … len(self) - 1."""
        episodes = np.searchsorted(self.ends, indices, side="right")
        starts = indices - np.concatenate([[0], self.ends])[episodes]
        places = [
            (self.episodes[e], s + self.episodes[e].stride * np.arange(self.frames)) for e, s in zip(episodes, starts)
        ]
        return Windows(
            images={
                camera: self._stack([e.images[camera][f] for e, f in places]) for camera in self.episodes[0].images
            },
            state=self._stack([e.state[f] for e, f in places]),
            actions=self._stack([e.actions[f[:-1]] for e, f in places]),
        )

    def _stack(self, arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(self.device)
