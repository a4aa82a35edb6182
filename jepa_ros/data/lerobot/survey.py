"""What a dataset shows of a contract's values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jepa_ros.contract import Contract, StreamError
from jepa_ros.data.lerobot.dataset import Dataset


@dataclass(frozen=True)
class Survey:
    """A dataset through a contract's eyes.

    Attributes:
        states, actions: (2,) least and greatest of each value that can be used, in contract order and units; NaN where
            there is none.
        refused: rows that cannot be used, by the contract's key; pictures are not looked at.
        damage: what cannot be read at all.
    """

    states: tuple[np.ndarray, ...]
    actions: tuple[np.ndarray, ...]
    refused: dict[str, int]
    damage: tuple[str, ...]


def survey(dataset: Dataset, contract: Contract) -> Survey:
    """Go through all rows of the dataset.

    Raises:
        DatasetError: something of the contract is not in the dataset.
    """
    ends = {key: np.full((2, len(entry.select)), np.nan) for key, entry in _numeric(contract)}
    refused: dict[str, int] = {}
    for chapter in dataset.reading(contract).chapters:
        for sample in chapter.samples:
            if sample.key not in ends:
                continue
            try:
                value = sample.read()
            except StreamError:
                refused[sample.key] = refused.get(sample.key, 0) + 1
                continue
            least, greatest = ends[sample.key]
            ends[sample.key] = np.stack([np.fmin(least, value), np.fmax(greatest, value)])
    columns = {key: tuple(found.T) for key, found in ends.items()}
    states = sum((columns[key] for key in contract.observations if key in columns), ())
    actions = sum((columns[key] for key in contract.actions), ())
    return Survey(states, actions, refused, tuple(dataset.damage))


def _numeric(contract: Contract) -> list:
    entries = {**contract.observations, **contract.actions}
    return [(key, entry) for key, entry in entries.items() if not entry.is_image]
