"""``train``: from recordings to a model directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from jepa_ros.paths import user_cache

if TYPE_CHECKING:
    from jepa_ros.contract import Contract
    from jepa_ros.training import Group, Progress


def train(
    recordings: Annotated[tuple[Path, ...], tyro.conf.Positional],
    output: Path,
    contract: Path | None = None,
    recipe: Path | None = None,
    steps: int | None = None,
    seed: int | None = None,
    collapse: Literal["sigreg", "vicreg", "ema"] | None = None,
    precision: Literal["auto", "float32", "bf16"] | None = None,
    device: str = "auto",
    resume: Literal["same", "changed", "anew"] = "same",
    checkpoint_seconds: float = 60.0,
    namespace: str = "",
    cache: Path | None = user_cache() / "episodes",
) -> int:
    """Train a world model on recordings and write its model directory.

    Can be stopped at any time: the same command goes on where it was. Start it with torchrun for several processes.

    Args:
        recordings: bags, LeRobot datasets (v3.0), or folders of them.
        output: the model directory to be; its name becomes the model's.
        contract: the robot's contract; by default the one inside the first bag; a dataset has none.
        recipe: YAML file with any fields of the recipe; the options below come before it.
        steps: training steps (recipe: 1500).
        seed: of everything random (recipe: 0).
        collapse: what keeps latents from collapsing: SIGReg, the terms of VICReg or an EMA teacher (recipe: sigreg).
        precision: of encoding and predicting (recipe: auto, which is bf16 on GPUs that can and float32 elsewhere).
        device: torch device; auto is a GPU where there is one.
        resume: go on with an unfinished training of this output if it is the same, although its recipe has changed, or
            begin anew.
        checkpoint_seconds: how often the state is saved.
        namespace: the robot's, where bags hold several robots.
        cache: folder in which decoded frames are kept for the next time; None keeps none.
    """
    import torch

    from jepa_ros.commands.show.decoding import decode_recordings
    from jepa_ros.commands.show.terminal import console
    from jepa_ros.training import Checkpoints, Interrupted, choose_device, joined, make_model, read_recipe, save

    torch.set_num_threads(1)
    plan = read_recipe(recipe, steps=steps, seed=seed, collapse=collapse, precision=precision)
    checkpoints = Checkpoints(_beside(output, "training"), checkpoint_seconds, resume)
    with joined(choose_device(device)) as (group, own_device):
        console.quiet = group.rank > 0
        with group.first_alone():
            robot = _fitting_contract(recordings, contract, namespace)
            episodes = decode_recordings(recordings, robot, namespace, cache)
        console.print(f"checkpoints in {checkpoints.folder}, curves for TensorBoard in {_beside(output, 'curves')}")
        try:
            with _watched(_beside(output, "curves"), group) as show:
                made = make_model(robot, episodes, plan, output.name, own_device, show, checkpoints, group)
        except Interrupted as stop:
            console.print(f"{stop}; the same command goes on from there", soft_wrap=True)
            return 130
        if group.rank == 0:
            save(made, output, checkpoints)
    console.print(f"model written to {output}, trained in {made.facts.cpu:.0f} CPU seconds")
    return 0


def _beside(output: Path, what: str) -> Path:
    return output.with_name(f"{output.name}.{what}")


@contextmanager
def _watched(folder: Path, group: Group) -> Iterator[Callable[[Progress], None]]:
    """Shows and draws how training goes on, in the first process of a group."""
    from jepa_ros.commands.show.curves import curves
    from jepa_ros.commands.show.training import training_display

    if group.rank > 0:
        yield lambda now: None
        return
    with training_display() as show, curves(folder) as draw:
        yield lambda now: (show(now), draw(now))


def _fitting_contract(recordings: Sequence[Path], path: Path | None, namespace: str) -> Contract:
    """The robot's contract, which the recordings fit."""
    from rich.markup import escape

    from jepa_ros.commands.show.terminal import console
    from jepa_ros.contract import load_contract
    from jepa_ros.data.audit import insist_on_fit
    from jepa_ros.data.sources import contract_in, find_recordings

    found = find_recordings(recordings)
    robot = load_contract(path) if path else contract_in(found[0])
    insist_on_fit(found, robot, namespace, warn=lambda text: console.print(f"[yellow]{escape(text)}"))
    return robot
