"""What a model is trained on."""

from __future__ import annotations

import torch

from jepa_ros.training.failures import TrainingError


def choose_device(name: str = "auto") -> str:
    """The torch device of this name; auto is a GPU where there is one. Raises TrainingError for one that is not."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:  # what torch raises depends on how it was built
        gpus = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
        raise TrainingError(
            f"device: found {name!r}; allowed on this machine: {', '.join(['auto', 'cpu', *gpus])}"
        ) from error
    return name


def likes_bf16(device: torch.device) -> bool:
    """Whether it computes in bf16 by itself, and so faster than in float32."""
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
