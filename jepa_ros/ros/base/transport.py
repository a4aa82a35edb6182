"""How Fast DDS carries messages between processes: its own defaults lose full-size images."""

from __future__ import annotations

import os

from jepa_ros.paths import shipped

PROFILE, OLD_PROFILE = "FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE"
VARIABLES = (PROFILE, OLD_PROFILE, "FASTDDS_BUILTIN_TRANSPORTS")
WITH_FAST_DDS_2 = ("humble", "iron", "jazzy")  # they know the old name only, later ones complain of it


def transport() -> dict[str, str]:
    """Environment variables that have full-size images carried in time; none where the user has chosen a transport."""
    if any(os.environ.get(name) for name in VARIABLES):
        return {}
    name = OLD_PROFILE if os.environ.get("ROS_DISTRO") in WITH_FAST_DDS_2 else PROFILE
    return {name: str(shipped("config/dds/large_images.xml"))}
