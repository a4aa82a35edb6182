"""``remember``: from recordings to a memory of places and ways."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from jepa_ros.paths import user_cache


def remember(
    recordings: Annotated[tuple[Path, ...], tyro.conf.Positional],
    model: str,
    memory: Path,
    namespace: str = "",
    cache: Path | None = user_cache() / "episodes",
) -> int:
    """Put the places that a robot went through, and its ways between them, into its memory.

    A memory that there is already grows; places that it knows stay what they are.

    Args:
        recordings: bags, LeRobot datasets (v3.0), or folders of them.
        model: model directory, or id on the Hugging Face Hub, by which places are told apart.
        memory: folder of the memory, as the planner's parameter names it.
        namespace: the robot's, where bags hold several robots.
        cache: folder in which decoded frames are kept for the next time; None keeps none.
    """
    import torch

    from jepa_ros.commands.show.decoding import decode_recordings
    from jepa_ros.commands.show.terminal import console, progress_bar
    from jepa_ros.memory import Memory
    from jepa_ros.training.remember import remember as take_in
    from jepa_ros.world_model import WorldModel

    torch.set_num_threads(1)
    seer = WorldModel.from_pretrained(model)
    episodes = decode_recordings(recordings, seer.contract, namespace, cache)
    places = Memory.open(memory, seer)
    before = len(places)
    with progress_bar("remembering") as tell:
        take_in(places, seer, episodes, tell)
    console.print(f"{len(places)} places in {memory}, {len(places) - before} of them new", soft_wrap=True)
    places.close()
    return 0
