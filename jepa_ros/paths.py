"""Where the package keeps what it ships beside its code: contracts, parameter files, trained models."""

from __future__ import annotations

from pathlib import Path


def shipped(relative: str) -> Path:
    """A file or folder of the repository, or of the installed package's share directory."""
    beside = Path(__file__).resolve().parents[1] / relative
    if beside.exists():
        return beside
    from ament_index_python.packages import get_package_share_directory

    return Path(get_package_share_directory("jepa_ros")) / relative
