"""``record``: explore and keep what the robot says, as a bag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from jepa_ros.paths import shipped

if TYPE_CHECKING:
    from jepa_ros.contract import Contract


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
        layout: how a simulated room is furnished: living_room, dining_room, studio or random:<seed>; with
            random:<first>-<last> the folder gets a bag from each of these rooms, which share the minutes.
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
            bags = _simulated(robot, bag, minutes * 60, seed, layout, distractors, tell)
        else:
            from jepa_ros.ros.nodes.recorder import record_live

            bags = [bag]
            record_live(robot, bag, minutes * 60, seed, drive, namespace, tell)
    if len(bags) > 1:
        console.print(f"{len(bags)} bags in {bag}", soft_wrap=True)
        return 0
    audit = audit_bag(bag, robot, namespace)
    console.print(audit_table(audit))
    console.print(f"picture: {save_picture(audit)}", soft_wrap=True)
    return 0


def _simulated(
    robot: Contract,
    bag: Path,
    seconds: float,
    seed: int,
    layout: str,
    distractors: float,
    tell: Callable[[float, float], None],
) -> list[Path]:
    """Record the embedded robot: one bag, or one for each of several layouts."""
    from jepa_ros.simulation.embedded import Setting
    from jepa_ros.simulation.layouts import named_layouts
    from jepa_ros.simulation.recording import record_exploration, record_layouts

    settings = [Setting(seed + number, name, distractors) for number, name in enumerate(named_layouts(layout))]
    if len(settings) > 1:
        return record_layouts(robot, bag, seconds, settings, tell)
    return [record_exploration(robot, bag, seconds, seed, tell, settings[0])]
