"""``train``: from recordings to a model directory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from jepa_ros.paths import user_cache


def train(
    recordings: Annotated[tuple[Path, ...], tyro.conf.Positional],
    output: Path,
    contract: Path | None = None,
    steps: int = 2500,
    seed: int = 0,
    device: str = "cpu",
    namespace: str = "",
    cache: Path | None = user_cache() / "episodes",
) -> int:
    """Train a world model on recordings and write its model directory.

    Args:
        recordings: bags, LeRobot datasets (v3.0), or folders of them.
        output: the model directory to be; its name becomes the model's.
        contract: the robot's contract; by default the one inside the first bag; a dataset has none.
        steps: training steps.
        seed: of everything random.
        device: torch device.
        namespace: the robot's, where bags hold several robots.
        cache: folder in which decoded frames are kept for the next time; None keeps none.
    """
    import torch
    from rich.markup import escape

    from jepa_ros.commands.show.decoding import decode_recordings
    from jepa_ros.commands.show.terminal import console
    from jepa_ros.commands.show.training import training_bar
    from jepa_ros.contract import load_contract
    from jepa_ros.data.audit import insist_on_fit
    from jepa_ros.data.sources import contract_in, find_recordings
    from jepa_ros.training import Recipe, make_model, save

    torch.set_num_threads(1)
    found = find_recordings(recordings)
    robot = load_contract(contract) if contract else contract_in(found[0])
    insist_on_fit(found, robot, namespace, warn=lambda text: console.print(f"[yellow]{escape(text)}"))
    episodes = decode_recordings(recordings, robot, namespace, cache)
    with training_bar() as show:
        made = make_model(robot, episodes, Recipe(steps=steps, seed=seed), output.name, device, show)
    save(made, output)
    console.print(f"model written to {output}, trained in {made.facts.cpu:.0f} CPU seconds")
    return 0
