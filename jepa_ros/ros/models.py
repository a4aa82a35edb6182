"""Models in memory: one copy per process, whoever asks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jepa_ros.world_model import WorldModel


def shared_model(path_or_id: str, device: str) -> WorldModel:
    """The model of that directory or Hub id; nodes of one process share it. Raises ModelError."""
    folder = Path(path_or_id).expanduser()
    weights = folder / "model.safetensors"
    changed = weights.stat().st_mtime_ns if weights.is_file() else 0
    return _load(str(folder) if folder.exists() else path_or_id, device, changed)


@lru_cache(maxsize=1)
def _load(path_or_id: str, device: str, changed: int) -> WorldModel:
    """``changed`` is in the key so that a model that was trained anew is loaded anew."""
    return WorldModel.from_pretrained(path_or_id, device)
