"""What ends a training before its time, in words that say what to change."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from safetensors import SafetensorError
from torch import Tensor

from jepa_ros.training.measures import Progress

NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")  # how torch says it, on GPU and CPU
DIVERGED = "lower learning_rate, or look for outliers in the recorded state and actions with `inspect`"
SPREAD, RANK = 0.01, 1.1  # below, latents have collapsed into a point or onto a line
GRACE = 200  # steps in which latents may still find their places


class TrainingError(Exception):
    """Training can't go on. The message says why and what to change."""


class Interrupted(KeyboardInterrupt):
    """Somebody stopped the training, which can go on later. The message says where it stands."""


def check(now: Progress) -> None:
    """Raises TrainingError where a loss is no number or the latents have collapsed."""
    bad = [name for name, value in now.terms.items() if not math.isfinite(value)]
    if bad:
        raise TrainingError(f"step {now.step}: the {bad[0]} loss is not a finite number; {DIVERGED}")
    if now.step >= GRACE and (now.spread < SPREAD or now.effective_rank < RANK):
        raise TrainingError(
            f"step {now.step}: the latents have collapsed (standard deviation {now.spread:.2g}, effective rank "
            f"{now.effective_rank:.2f}; at least {SPREAD} and {RANK} are needed); raise the weight of sigreg, or of "
            "variance and covariance, lower that of temporal_similarity, or choose another `collapse`"
        )


def check_weights(state: dict[str, Tensor], step: int) -> None:
    """Raises TrainingError where a weight is no number: a state that nothing good comes of is not worth keeping."""
    bad = [name for name, tensor in state.items() if not tensor.isfinite().all()]
    if bad:
        raise TrainingError(f"step {step}: {bad[0]} holds values that are not finite numbers; {DIVERGED}")


@contextmanager
def explained(kept: Callable[[], str]) -> Iterator[None]:
    """Say what to change where memory or the disk is full; ``kept`` says what is left of the training."""
    try:
        yield
    except TrainingError as error:
        raise TrainingError(f"{error}. {kept()}") from error
    except (MemoryError, RuntimeError) as error:
        if not _is_out_of_memory(error):
            raise
        raise TrainingError(f"out of memory; lower batch or frames in the recipe. {kept()}") from error
    except (OSError, SafetensorError) as error:
        if not _is_full_disk(error):
            raise
        raise TrainingError(f"the disk is full ({error}); make room and repeat the command. {kept()}") from error


def _is_full_disk(error: Exception) -> bool:
    """Safetensors gives the system's error number only in its text."""
    if isinstance(error, OSError):
        return error.errno in NO_SPACE
    return any(f"os error {number})" in str(error) for number in NO_SPACE)


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return any(words in str(error) for words in NO_MEMORY)
