"""``demo``: the main job, end to end."""

from __future__ import annotations

from pathlib import Path

from jepa_ros.commands.show.terminal import console


def demo(output: Path = Path("demo_output"), goals: int = 5, seed: int = 0, client: bool = False) -> int:
    """Move a simulated arm to goal images, end to end over ROS 2, and show how it went.

    Args:
        output: folder for the video, the picture, result.json and the nodes' logs.
        goals: how many goals to reach.
        seed: of the start and goal poses.
        client: only send goals; simulator, world model and planner run already (demo.launch.py does this).
    """
    from jepa_ros.ros.demo import run_demo

    return run_demo(output, goals, seed, console, client)
