"""The model directory on disk: self-describing, safe to load, never half written."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from jepa_ros.contract import Contract, ContractError, load_contract
from jepa_ros.world_model.architecture import Architecture
from jepa_ros.world_model.calibration import Calibration

FORMAT = "jepa_ros world model, version 1"
WEIGHTS, PROPOSAL = "model.safetensors", "proposal.safetensors"
REQUIRED = ("config.json", WEIGHTS, "contract.yaml", "calibration.json")
FILES = (*REQUIRED, "README.md", PROPOSAL)
Model = TypeVar("Model", bound=BaseModel)


class ModelError(Exception):
    """A model directory that can't be used. The message says which file, what is wrong and what is allowed."""


@dataclass(frozen=True)
class ModelFiles:
    """What a model directory holds, checked one file at a time.

    ``name`` is the directory's name and the weights' digest: a model trained anew under an old name is another model,
    and latents of the one mean nothing to the other. ``proposal`` are the weights of the head that proposes actions,
    None where there is none; they don't change what latents mean, so the name does not depend on them.
    """

    architecture: Architecture
    weights: dict[str, Tensor]
    contract: Contract
    calibration: Calibration
    name: str
    proposal: dict[str, Tensor] | None = None


def read(path_or_id: str | Path) -> ModelFiles:
    """Read and check a model directory, or a Hugging Face Hub snapshot of one. Raises ModelError."""
    folder = _locate(path_or_id)
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder}: no {', '.join(missing)}; a model directory holds {', '.join(REQUIRED)}")
    files = ModelFiles(
        architecture=_read_config(folder / "config.json"),
        weights=_read_weights(folder / WEIGHTS),
        contract=_read_contract(folder / "contract.yaml"),
        calibration=_read_json(folder / "calibration.json", Calibration),
        name=f"{Path(path_or_id).name}@{_digest(folder / WEIGHTS)}",
        proposal=_read_weights(folder / PROPOSAL) if (folder / PROPOSAL).exists() else None,
    )
    _check_fit(files, folder)
    return files


def write(folder: Path, files: ModelFiles, card: str) -> None:
    """Write the directory beside its place and rename it there; an older one of that name is replaced at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    aside.chmod(0o755)
    config = {"format": FORMAT, "architecture": files.architecture.model_dump(mode="json")}
    (aside / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    _write_weights(aside / WEIGHTS, files.weights)
    if files.proposal is not None:
        _write_weights(aside / PROPOSAL, files.proposal)
    (aside / "contract.yaml").write_text(files.contract.text)
    (aside / "calibration.json").write_text(files.calibration.model_dump_json() + "\n")
    (aside / "README.md").write_text(card)
    _replace(aside, folder)


def check_weights(file: str, weights: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """Every weight must be there, in the shape and type that the architecture has. Raises ModelError."""
    found = {name: (tuple(t.shape), t.dtype) for name, t in weights.items()}
    wanted = {name: (tuple(t.shape), t.dtype) for name, t in expected.items()}
    for name in sorted(found.keys() | wanted.keys()):
        if found.get(name) != wanted.get(name):
            raise ModelError(
                f"{file}: {name}: found {found.get(name, 'nothing')}; allowed {wanted.get(name, 'nothing')}"
            )
    bad = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if bad:
        raise ModelError(f"{file}: {bad[0]}: holds values that are not finite numbers")


def _write_weights(path: Path, weights: dict[str, Tensor]) -> None:
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}, path)
    path.chmod(0o644)


def _replace(aside: Path, folder: Path) -> None:
    """Rename ``aside`` to ``folder``. Linux can't rename over a full directory, so the old one steps aside first."""
    if not folder.exists():
        os.rename(aside, folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    os.rename(folder, old / folder.name)
    os.rename(aside, folder)
    shutil.rmtree(old)


def _locate(path_or_id: str | Path) -> Path:
    folder = Path(path_or_id).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists():
        raise ModelError(f"{folder}: is a file; a model is a directory that holds {', '.join(REQUIRED)}")
    if len(folder.parts) != 2 or folder.is_absolute() or str(path_or_id).startswith("."):
        raise ModelError(f"{folder}: no such model directory")
    try:
        return Path(snapshot_download(str(path_or_id), allow_patterns=list(FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path_or_id}: no such directory, and not to be had from the Hub ({reason})") from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: can't be read ({error})") from error


def _read_config(path: Path) -> Architecture:
    try:
        config = json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise ModelError(f"{path}: not valid JSON ({error})") from error
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        found = config.get("format") if isinstance(config, dict) else type(config).__name__
        raise ModelError(f"{path}: format: found {found!r}; allowed {FORMAT!r}")
    return _checked(path, Architecture, config.get("architecture"))


def _read_json(path: Path, kind: type[Model]) -> Model:
    try:
        return _checked(path, kind, json.loads(_read_text(path)))
    except json.JSONDecodeError as error:
        raise ModelError(f"{path}: not valid JSON ({error})") from error


def _checked(path: Path, kind: type[Model], fields: Any) -> Model:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"{path}: {where}: found {first['input']!r}; {first['msg']}") from error


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: not a whole safetensors file ({error}); copy or train the model again") from error


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def _read_contract(path: Path) -> Contract:
    try:
        return load_contract(path)
    except ContractError as error:
        raise ModelError(str(error)) from error


def _check_fit(files: ModelFiles, folder: Path) -> None:
    """The files of one directory must belong together: same cameras, same lengths."""
    contract, architecture, calibration = files.contract, files.architecture, files.calibration
    pairs = {
        "cameras": ({k: tuple(v) for k, v in contract.images.items()}, dict(architecture.images)),
        "length of the state": (len(contract.state_names), architecture.state_size),
        "length of the action": (len(contract.action_names), architecture.action_size),
        "length of state_mean": (architecture.state_size, len(calibration.state_mean)),
        "length of state_scale": (architecture.state_size, len(calibration.state_scale)),
        "length of action_scale": (architecture.action_size, len(calibration.action_scale)),
    }
    if calibration.drift is not None:
        pairs["length of drift's errors"] = (architecture.tokens * architecture.latent_size, calibration.drift.size)
    for what, (expected, found) in pairs.items():
        if expected != found:
            raise ModelError(f"{folder}: {what}: the files don't belong together, {expected} against {found}")
