"""The random numbers of one training step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.training.group import ALONE, Group


@dataclass(frozen=True)
class Chance:
    """All that is random in a training step follows from the recipe's seed and the number of the step.

    So nothing random needs to be remembered between steps: a batch may be prepared ahead, and training may stop and go
    on anywhere. Numbers are drawn for the global batch, of which each process of a group takes its part.
    """

    seed: int
    step: int
    group: Group = ALONE

    def indices(self, population: int, batch: int) -> np.ndarray:
        """Of ``batch`` numbers below ``population``, drawn with replacement, those of this process."""
        return self.group.part(np.random.default_rng([self.seed, self.step]).integers(0, population, batch))

    def begin(self) -> None:
        """Seed torch for this step."""
        torch.manual_seed(int(np.random.SeedSequence([self.seed, self.step]).generate_state(1, np.uint64)[0] >> 1))

    def uniform(self, rows: int, *shape: int) -> Tensor:
        """Numbers in [0, 1) for each of this process's ``rows``, on the CPU: (rows, *shape)."""
        return self.group.part(torch.rand(rows * self.group.size, *shape))

    def normal(self, rows: int, *shape: int) -> Tensor:
        """Standard normal numbers for each of this process's ``rows``, on the CPU: (rows, *shape)."""
        return self.group.part(torch.randn(rows * self.group.size, *shape))
