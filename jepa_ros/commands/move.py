"""``move``: through goals, to the last of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from jepa_ros.paths import shipped


def move(
    goals: Annotated[tuple[str, ...], tyro.conf.Positional],
    contract: Path = shipped("config/contracts/planar_arm.yaml"),
    namespace: str = "",
    passing: float = 0.0,
    timeout: float = 0.0,
    tolerance: float = 0.0,
    speed_scale: float = 0.0,
) -> int:
    """Move the robot through goals in one motion, to rest at the last one. World model and planner must run.

    A goal is the file of a picture (cup.jpg; gripper=cup.jpg where there are several cameras), values of some of the
    state (position.elbow=0.3,position.shoulder=-1), or the name of a saved goal (home). Ctrl-C stops the robot. The
    exit status is 1 where a goal was missed.

    Args:
        goals: one or more; at all but the last the robot passes by without stopping.
        contract: the robot's contract.
        namespace: the robot's.
        passing: calibrated distance (1.0 = between two random states) within which a goal counts as passed; 0 is
            the client's own.
        timeout: seconds for each goal; 0 is the planner's own.
        tolerance: calibrated distance that counts as reached; 0 is the model's own.
        speed_scale: share of the contract's command range to use, up to 1; 0 is 1.
    """
    from jepa_ros.commands.show.motion import Motion
    from jepa_ros.commands.show.terminal import console
    from jepa_ros.contract import load_contract
    from jepa_ros.ros.client.client import Client
    from jepa_ros.ros.client.route import PASSING, follow
    from jepa_ros.ros.client.words import goal_of

    wanted = [goal_of(words) for words in goals]
    with Client(load_contract(contract), namespace, "jepa_move") as client, Motion(console, goals) as motion:
        arrival = follow(client, wanted, passing or PASSING, timeout, tolerance, speed_scale, motion.hear)
        motion.end(arrival.number, arrival.ending.result)
    return 0 if arrival.reached else 1
