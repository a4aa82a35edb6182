"""Where a LeRobot dataset is; knows nothing of what is in it, and needs no package for it."""

from __future__ import annotations

from pathlib import Path

INFO = Path("meta/info.json")


def is_dataset(path: Path) -> bool:
    """Whether a LeRobot dataset, of whatever version, stands at the path."""
    return (path / INFO).is_file()


def datasets_below(path: Path) -> list[Path]:
    """The datasets in the folder `path`, in order."""
    return sorted(file.parents[1] for file in path.rglob(str(INFO))) if path.is_dir() else []
