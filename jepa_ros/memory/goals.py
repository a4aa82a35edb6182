"""Goals saved by name, one small file each: they survive restarts, and a crash never leaves half of one."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
SUFFIX = ".safetensors"


class GoalNameError(ValueError):
    """No goal of that name can be had, or kept; the message says why."""


class SavedGoals:
    """The latents saved under names in one directory, each marked with the model that made it."""

    def __init__(self, folder: Path):
        self.folder = folder

    def save(self, name: str, latent: Tensor, model: str) -> None:
        """Keep a goal latent (N, D); an older one of that name is replaced. Raises GoalNameError."""
        if not NAME.fullmatch(name):
            raise GoalNameError(
                f"goal name {name!r}; allowed: up to 64 letters, digits, '_', '-' and '.', not '.' first"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=".", suffix=SUFFIX, dir=self.folder)
        os.close(handle)
        save_file({"latent": latent.contiguous()}, aside, metadata={"model": model})
        os.replace(aside, self.folder / (name + SUFFIX))

    def load(self, name: str) -> tuple[Tensor, str]:
        """A goal's latent (N, D) and the model that made it. Raises GoalNameError naming what there is."""
        path = self.folder / (name + SUFFIX)
        if not NAME.fullmatch(name) or not path.is_file():
            raise GoalNameError(f"no goal named {name!r}; saved: {', '.join(self.names()) or 'none'}")
        try:
            with safe_open(path, "pt") as file:
                return file.get_tensor("latent"), (file.metadata() or {}).get("model", "")
        except (SafetensorError, OSError) as error:
            raise GoalNameError(f"goal {name!r} can't be read ({error}); save it again") from error

    def names(self, model: str | None = None) -> list[str]:
        """All saved names, sorted; of one model only, where it is given."""
        paths = sorted(self.folder.glob(f"[!.]*{SUFFIX}"))
        return [path.name.removesuffix(SUFFIX) for path in paths if model is None or _maker(path) == model]


def _maker(path: Path) -> str:
    """The model that a goal was saved under; empty where the file does not tell."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("model", "")
    except (SafetensorError, OSError):
        return ""
