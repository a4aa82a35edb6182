"""Models in memory: one copy per process, whoever asks."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jepa_ros.world_model import WorldModel


def shared_model(path_or_id: str, device: str) -> WorldModel:
    """The model of that directory or Hub id; nodes of one process share it. Raises ModelError."""
    folder = Path(path_or_id).expanduser()
    state = tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(folder.glob("*")))
    return _load(str(folder) if folder.exists() else path_or_id, device, state)


@lru_cache(maxsize=1)
def _load(path_or_id: str, device: str, state: tuple[tuple[str, int, int], ...]) -> WorldModel:
    """``state`` of the files is in the key so that a model that was changed in any way is loaded, and checked, anew."""
    return WorldModel.from_pretrained(path_or_id, device)
