"""A training's state on disk, so that it can stop at any moment and go on to the same result."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialised
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.training.failures import TrainingError
from jepa_ros.training.recipe import Recipe
from jepa_ros.world_model import WorldModel

FORMAT = "jepa_ros checkpoint, version 1"
Resume = Literal["same", "changed", "anew"]


@dataclass(frozen=True)
class Identity:
    """What must be the same for a training to go on to the same result."""

    recipe: dict[str, Any]
    architecture: dict[str, Any]
    contract: str
    data: str

    @classmethod
    def of(cls, model: WorldModel, episodes: Sequence[Episode], recipe: Recipe) -> Identity:
        return cls(
            recipe.model_dump(mode="json"),
            model.architecture.model_dump(mode="json"),
            model.contract.text,
            _fingerprint(episodes),
        )

    def differences(self, now: Identity) -> list[str]:
        """In words, recipe first."""
        found = _changes(self.recipe, now.recipe) + _changes(self.architecture, now.architecture)
        found += ["the contract's text"] if self.contract != now.contract else []
        return found + ([f"the data ({self.data} then, {now.data} now)"] if self.data != now.data else [])


@dataclass(frozen=True)
class Checkpoint:
    """The state after ``step``: every tensor by name, and the CPU seconds that went into it."""

    step: int
    cpu: float
    tensors: dict[str, Tensor]


class Checkpoints:
    """Keeps the newest state of one training in ``folder``, written at most every ``seconds``.

    A file is written aside and renamed when it is whole. ``resume`` says what to do with one that is there already: go
    on where recipe, contract and data are the same, go on although the recipe has changed, or begin anew.
    """

    def __init__(self, folder: Path, seconds: float = 60.0, resume: Resume = "same"):
        self.folder, self.seconds, self.resume = folder, seconds, resume
        self.file = folder / "checkpoint.safetensors"
        self.step = 0
        self._written = time.monotonic()

    def read(self, identity: Identity) -> Checkpoint | None:
        """The state to go on from, None to begin. Raises TrainingError where there is one of another training."""
        if self.resume == "anew" or not self.file.exists():
            return None
        try:
            with safe_open(self.file, "pt") as stored:
                about = json.loads((stored.metadata() or {})["about"])
                if about["format"] != FORMAT:
                    raise KeyError("format")
                saved, names = Identity(**about["identity"]), stored.keys()
                tensors = {name: stored.get_tensor(name) for name in names}
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise TrainingError(f"{self.file}: no whole checkpoint ({error}); begin anew with --resume anew") from error
        self._check(saved, identity)
        self.step = about["step"]
        return Checkpoint(about["step"], about["cpu"], tensors)

    def _check(self, saved: Identity, now: Identity) -> None:
        differences = saved.differences(now)
        lasting = saved.architecture != now.architecture or saved.contract != now.contract
        if not differences or (self.resume == "changed" and not lasting):
            return
        ways = "begin anew with --resume anew" + ("" if lasting else ", or go on all the same with --resume changed")
        raise TrainingError(
            f"{self.folder} holds an unfinished training that differs in {'; '.join(differences)}. "
            f"Repeat its command to finish it, {ways}"
        )

    @property
    def due(self) -> bool:
        return time.monotonic() - self._written >= self.seconds

    def write(self, checkpoint: Checkpoint, identity: Identity) -> None:
        """Replace the checkpoint on disk."""
        about = {"format": FORMAT, "step": checkpoint.step, "cpu": checkpoint.cpu, "identity": vars(identity)}
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in checkpoint.tensors.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self.file.with_suffix(".new")
        with aside.open("wb") as file:
            file.write(serialised(tensors, {"about": json.dumps(about)}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, self.file)
        self.step, self._written = checkpoint.step, time.monotonic()

    def remove(self) -> None:
        """The training is finished and its model written."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def kept(self) -> str:
        """What is left of the training where it ends now, in words."""
        if not self.step:
            return "There is no checkpoint yet"
        return f"The last good checkpoint, of step {self.step}, is {self.file}"


def _fingerprint(episodes: Sequence[Episode]) -> str:
    """Which data this is. Times and numbers tell; reading all images again could take minutes."""
    digest = hashlib.sha256()
    for episode in episodes:
        for values in (episode.stamps_ns, episode.state, episode.actions, *(i[0] for i in episode.images.values())):
            digest.update(np.ascontiguousarray(values).data)
    frames = sum(len(episode) for episode in episodes)
    return f"{len(episodes)} episodes of {frames} frames, {digest.hexdigest()[:8]}"


def _changes(then: dict[str, Any], now: dict[str, Any], path: str = "") -> list[str]:
    found = []
    for name in then | now:
        before, after = then.get(name), now.get(name)
        if isinstance(before, dict) and isinstance(after, dict):
            found += _changes(before, after, f"{path}{name}.")
        elif before != after:
            found.append(f"{path}{name} ({before} then, {after} now)")
    return found
