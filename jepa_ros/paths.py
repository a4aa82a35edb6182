"""Where the package keeps what it ships beside its code: contracts, parameter files, trained models."""

from __future__ import annotations

import os
from pathlib import Path


def shipped(relative: str) -> Path:
    """A file or folder of the repository, or of the installed package's share directory."""
    beside = Path(__file__).resolve().parents[1] / relative
    if beside.exists():
        return beside
    from ament_index_python.packages import get_package_share_directory

    return Path(get_package_share_directory("jepa_ros")) / relative


def user_cache() -> Path:
    """Where this user's programs keep what they can make anew: `$XDG_CACHE_HOME/jepa_ros` or `~/.cache/jepa_ros`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jepa_ros"
