"""Work on many candidates that ends in time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor

FIRST = 1024  # actions of the candidates that are worked on in any case: a few milliseconds of a small model


class Deadline:
    """A moment of the monotonic clock (s), by which as many candidates are worked on as there is time for.

    The first few are worked on in any case. After them come twice as many, and so on, as long as that will not take too
    long at the last ones' pace. On a GPU all go at once: it takes thousands in the time that it takes for a few.
    """

    def __init__(self, moment: float = math.inf):
        self.moment = moment

    def spend(self, candidates: Tensor, work: Callable[[Tensor], Tensor], share: float = 1.0) -> Tensor:
        """What ``work`` makes (B', …) of the first B' of candidates (B, H, A), in a share of the time that is left."""
        if math.isinf(self.moment) or candidates.device.type != "cpu":
            return work(candidates)
        made, done, size = [], 0, max(1, FIRST // candidates.shape[1])
        now = time.monotonic()
        end = now + share * (self.moment - now)
        while size and done < len(candidates):
            began = now
            made.append(work(candidates[done : done + size]))
            done, now = done + size, time.monotonic()
            size = _next(size, now - began, end - now)
        return made[0] if len(made) == 1 else torch.cat(made)


def _next(size: int, took: float, left: float) -> int:
    """How many come next, where ``size`` of them ``took`` so many seconds; none where as many would take too long."""
    return 0 if left < took else min(2 * size, int(size * left / max(took, 1e-9)))
