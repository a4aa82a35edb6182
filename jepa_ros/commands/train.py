"""``train``: from bags to a model directory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro


def train(
    bags: Annotated[tuple[Path, ...], tyro.conf.Positional],
    output: Path,
    contract: Path | None = None,
    steps: int = 2500,
    seed: int = 0,
    device: str = "cpu",
    namespace: str = "",
) -> int:
    """Train a world model on recorded bags and write its model directory.

    Args:
        bags: one or more bags, or folders of bags.
        output: the model directory to be; its name becomes the model's.
        contract: the robot's contract; by default the one inside the first bag.
        steps: training steps.
        seed: of everything random.
        device: torch device.
        namespace: the robot's, where bags hold several robots.
    """
    import torch
    from rich.markup import escape

    from jepa_ros.commands.show.terminal import console, progress_bar
    from jepa_ros.commands.show.training import training_bar
    from jepa_ros.data.audit import insist_on_fit
    from jepa_ros.data.bag import find_bags
    from jepa_ros.data.episodes import load_episodes
    from jepa_ros.training import Recipe, make_model, save

    torch.set_num_threads(1)
    robot = _contract_for(bags, contract)
    insist_on_fit(find_bags(bags), robot, namespace, warn=lambda text: console.print(f"[yellow]{escape(text)}"))
    with progress_bar("decoding") as tell:
        episodes = load_episodes(bags, robot, namespace, tell, warn=lambda text: console.print(f"[yellow]{text}"))
    with training_bar() as show:
        made = make_model(robot, episodes, Recipe(steps=steps, seed=seed), output.name, device, show)
    save(made, output)
    console.print(f"model written to {output}, trained in {made.facts.cpu:.0f} CPU seconds")
    return 0


def _contract_for(bags: Sequence[Path], path: Path | None) -> object:
    from jepa_ros.contract import Contract, load_contract
    from jepa_ros.data.bag import BagError, find_bags, read_bag

    if path is not None:
        return load_contract(path)
    first = find_bags(bags)[0]
    with read_bag(first) as bag:
        if bag.contract_text is None:
            raise BagError(f"{first} holds no contract; name the robot's with --contract")
        return Contract.parse(bag.contract_text, name=f"{first}: its contract")
