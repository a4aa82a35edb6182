"""A LeRobot dataset as tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.text import Text

from jepa_ros.commands.show.terminal import table
from jepa_ros.contract import Contract
from jepa_ros.data.lerobot.dataset import Dataset
from jepa_ros.data.lerobot.survey import survey


def dataset_table(path: Path, expected: Contract | None) -> RenderableType:
    """What a dataset holds; under a contract also its values, each beside what is allowed.

    Raises DatasetError where the dataset cannot be read or something of the contract is missing.
    """
    with Dataset(path) as dataset:
        rows = sum(episode.length for episode in dataset.episodes)
        fps = dataset.information.fps
        length = f"{len(dataset.episodes)} episodes, {rows} rows, {fps:g} Hz, {rows / fps / 60:.1f} minutes"
        features = table("feature", "what")
        for name, what in dataset.information.contents.items():
            features.add_row(escape(name), escape(what))
        shown = [Text(str(path), style="bold"), features]
        if expected is None:
            notes = [*dataset.damage, "it holds no contract; name the robot's with --contract to see whether it fits"]
        else:
            seen = survey(dataset, expected)
            refused = [f"{count} rows refused under {key}" for key, count in seen.refused.items()]
            shown.append(_values(expected, seen.states, seen.actions))
            notes = [*seen.damage, *refused, f"every value of {expected.name} is there"]
    return Group(*shown, *map(Text, [length, *notes]))


def _values(contract: Contract, states: Sequence[np.ndarray], actions: Sequence[np.ndarray]) -> RenderableType:
    values = table("value", "seen", "allowed")
    for name, (low, high) in zip(contract.state_names, states):
        values.add_row(escape(name), f"{low:.3g} … {high:.3g}", "")
    limits = contract.limits
    for name, (low, high), least, most in zip(contract.action_names, actions, limits.low, limits.high):
        outside = low < least or high > most
        values.add_row(escape(name), f"{low:.3g} … {high:.3g}", f"{'[red]' if outside else ''}{least:.3g} … {most:.3g}")
    return values
