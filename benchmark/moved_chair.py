"""A chair stands across the way, where none stood when memory was filled."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmark.figures import Figure
from benchmark.legs import Leg, drive, success
from benchmark.new_layout import MODEL
from benchmark.nodes import SEED
from benchmark.remembered import MINUTES, remembered
from benchmark.workers import workers
from jepa_ros.memory import Memory
from jepa_ros.simulation.furniture import Layout
from jepa_ros.simulation.layouts import LIVING_ROOM
from jepa_ros.simulation.places import RoomPlaces
from jepa_ros.simulation.rearranging import with_chair_across
from jepa_ros.world_model import WorldModel

NAMES = ("moved_chair.success",)
PAIRS = 100

Case = tuple[np.ndarray, np.ndarray, Layout]


def measure(tell: Callable[[float, float], None], pairs: int = PAIRS) -> dict[str, Figure]:
    """Drive from place to place, each time with a chair newly across the way; takes some ten minutes of two cores."""
    folder, legs = remembered(MODEL), []
    with workers() as pool:
        for leg in pool.map(_drive, [folder] * pairs, cases(pairs)):
            legs.append(leg)
            tell(len(legs), pairs)
    how = (
        "pictures of places in the living room, in stepped time, with a chair put across the shortest way since "
        f"memory was filled by {MINUTES:g} simulated minutes of exploring, where another way is left; memory is as "
        "before each time"
    )
    return {NAMES[0]: success(legs, how)}


def cases(count: int) -> Iterator[Case]:
    """Starts, goals, and the room with a chair on the shortest way between them."""
    places = RoomPlaces(WorldModel.from_pretrained(MODEL).contract)
    tour = places.tour(10 * count, SEED)
    found = ((*pair, with_chair_across(LIVING_ROOM, *pair)) for pair in zip(tour, tour[1:]))
    possible = (case for case in found if case[2] is not None)
    for _ in range(count):
        yield next(possible)


def _drive(folder: Path, case: Case) -> Leg:
    model = WorldModel.from_pretrained(MODEL)
    with tempfile.TemporaryDirectory() as own:
        shutil.copytree(folder, own, dirs_exist_ok=True)
        memory = Memory.open(Path(own), model)
        try:
            return drive(memory, RoomPlaces(model.contract), *case)
        finally:
            memory.close()
