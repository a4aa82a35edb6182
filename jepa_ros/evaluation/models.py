"""Models that can be put side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from jepa_ros.world_model import WorldModel


def load_models(places: Sequence[str]) -> dict[str, WorldModel]:
    """Models from directories or Hub ids, by a short name for each: the folder's where that is enough.

    Raises ModelError where one can't be loaded, ValueError where there is none, or where they are of different robots.
    """
    if not places:
        raise ValueError("no model to evaluate; name one or more model directories")
    names = [PurePath(place).name for place in places]
    labels = [name if names.count(name) == 1 else place for name, place in zip(names, places)]
    models = {label: WorldModel.from_pretrained(place) for label, place in zip(labels, places)}
    first, *others = models.items()
    for label, model in others:
        difference = model.contract.difference(first[1].contract)
        if difference:
            raise ValueError(f"{label} and {first[0]} can't be compared, their contracts differ: {difference}")
    return models
