"""How Fast DDS carries messages between processes: its own defaults lose full-size images."""

from __future__ import annotations

import os

from jepa_ros.paths import shipped

PROFILE_VARIABLES = ("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE")  # of Fast DDS 3, and before
VARIABLES = (*PROFILE_VARIABLES, "FASTDDS_BUILTIN_TRANSPORTS")


def transport() -> dict[str, str]:
    """Environment variables that have full-size images carried in time; none where the user has chosen a transport."""
    if any(os.environ.get(name) for name in VARIABLES):
        return {}
    return dict.fromkeys(PROFILE_VARIABLES, str(shipped("config/dds/large_images.xml")))
