"""Short windows of frames, drawn at random from episodes: what a training step learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.world_model import Design


@dataclass(frozen=True)
class Windows:
    """B windows of T frames, one step of the model apart: k contract periods.

    ``images`` uint8 {camera: (B, T, H, W, 3)}, ``state`` (B, T, S) and ``actions`` (B, k·(T-1), A), one for each
    period, in the contract's units; the k actions from ``k * t`` on lead from frame t to frame t + 1.
    """

    images: dict[str, Tensor]
    state: Tensor
    actions: Tensor


def window_frames(design: Design, rollout: int) -> int:
    """Frames of a window: the past that the predictor looks at, and a rollout counted with the frame it begins with."""
    return design.history - 1 + rollout


class WindowSampler:
    """Draws windows of ``frames`` frames that lie within one episode, ``block`` periods from frame to frame.

    Raises ValueError where no episode is long enough for one.
    """

    def __init__(
        self, episodes: Sequence[Episode], frames: int, device: torch.device, seed: int = 0, block: int = 1
    ) -> None:
        self.episodes, self.device, self.block = episodes, device, block
        self.periods = block * (frames - 1)
        counts = [max(0, len(e) - e.stride * self.periods) for e in episodes]
        if not sum(counts):
            raise ValueError(
                f"no episode lasts the {self.periods} periods from the first to the last of {frames} frames; "
                "record for longer, or look for gaps"
            )
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
        periods, block = np.arange(self.periods + 1), self.block
        places = [(self.episodes[e], s + self.episodes[e].stride * periods) for e, s in zip(episodes, starts)]
        return Windows(
            images={
                camera: self._stack([e.images[camera][p[::block]] for e, p in places])
                for camera in self.episodes[0].images
            },
            state=self._stack([e.state[p[::block]] for e, p in places]),
            actions=self._stack([e.actions[p[:-1]] for e, p in places]),
        )

    def _stack(self, arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays)).to(self.device)
