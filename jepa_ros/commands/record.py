"""``record``: explore and keep what the robot says, as a bag."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from jepa_ros.paths import shipped


def record(
    bag: Annotated[Path, tyro.conf.Positional],
    contract: Path = shipped("config/contracts/planar_arm.yaml"),
    minutes: float = 20.0,
    seed: int = 0,
    simulate: bool = False,
    layout: str = "living_room",
    distractors: float = 0.0,
    drive: bool = True,
    namespace: str = "",
) -> int:
    """Explore within the contract's limits and record a bag (MCAP) to train on, then audit it.

    The audit's picture lies in the bag's folder.

    Args:
        bag: folder of the bag to be.
        contract: the robot's contract.
        minutes: how long.
        seed: of the random motion.
        simulate: step the embedded robot faster than real time; without it a running robot is recorded, live.
        layout: how a simulated room is furnished: living_room, dining_room, studio or random:<seed>.
        distractors: share of a simulated picture's pixels that flicker, 0 … 1.
        drive: send exploring commands; --no-drive records while somebody else drives.
        namespace: the live robot's.
    """
    from jepa_ros.commands.show.audit import audit_table
    from jepa_ros.commands.show.terminal import console, progress_bar
    from jepa_ros.contract import load_contract
    from jepa_ros.data.audit import audit_bag, save_picture

    robot = load_contract(contract)
    with progress_bar("recording") as tell:
        if simulate:
            from jepa_ros.simulation.embedded import Setting
            from jepa_ros.simulation.recording import record_exploration

            record_exploration(robot, bag, minutes * 60, seed, tell, Setting(seed, layout, distractors))
        else:
            from jepa_ros.ros.nodes.recorder import record_live

            record_live(robot, bag, minutes * 60, seed, drive, namespace, tell)
    audit = audit_bag(bag, robot, namespace)
    console.print(audit_table(audit))
    console.print(f"picture: {save_picture(audit)}", soft_wrap=True)
    return 0
