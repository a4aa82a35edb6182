"""What a large memory costs: opening it, finding a place in it, and a way."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from benchmark.building import Building, building
from benchmark.figures import Figure, conditions
from benchmark.nodes import SEED
from jepa_ros.evaluation.statistics import median
from jepa_ros.memory import Memory
from jepa_ros.memory.memory import FILE
from jepa_ros.memory.store import Store, about
from jepa_ros.memory.table import NOWHERE
from jepa_ros.paths import shipped
from jepa_ros.world_model import WorldModel

MODEL = shipped("models/furnished_room")
SIZES = {100_000: "", 1_000: ".1k", 10_000: ".10k", 1_000_000: ".1m"}
PREFIXES = ("memory.locate_ms", "memory.route_ms", "memory.startup_s")
NAMES = tuple(prefix + size for size in SIZES.values() for prefix in PREFIXES)
LOOKS, PAIRS, STARTS = 1000, 200, 7
ASIDE = 0.5  # periods: how far what is looked for lies from the nearest remembered place, at most, either way


def measure(tell: Callable[[float, float], None], sizes: dict[int, str] = SIZES) -> dict[str, Figure]:
    """Fill memories of each size with a large building, and use them."""
    torch.set_num_threads(1)
    model, figures = WorldModel.from_pretrained(MODEL), {}
    for done, (size, name) in enumerate(sizes.items()):
        tell(done, len(sizes))
        with tempfile.TemporaryDirectory() as folder:
            figures |= {prefix + name: figure for prefix, figure in _measure(model, Path(folder), size)}
    tell(len(sizes), len(sizes))
    return figures


def _measure(model: WorldModel, folder: Path, size: int) -> Iterator[tuple[str, Figure]]:
    house = building(model, size, SEED)
    _write(house, folder, model)
    with Memory.open(folder, model, 2 * size) as memory:
        memory.settle()
    opened = [_seconds_to_open(folder, model, size) for _ in range(STARTS)]
    where = f"{len(house.records)} places of a building of rooms, {_degree(house):.1f} moves from each; one thread"
    yield "memory.startup_s", _figure(opened, "s", f"until a memory can be asked; files in the page cache; {where}")
    with Memory.open(folder, model, 2 * size) as memory:
        memory.settle()
        yield "memory.locate_ms", _figure(_looks(memory, house), "ms", f"the nearest place to a view; {where}")
        yield "memory.route_ms", _figure(_routes(memory, house), "ms", f"the cheapest way to a new goal; {where}")


def _write(house: Building, folder: Path, model: WorldModel) -> None:
    """Make the file of a memory, much sooner than by remembering one place after the other."""
    store = Store(folder / FILE, about(model))
    store.save(np.arange(len(house.records)), house.records, {}, ())
    store.close()


def _degree(house: Building) -> float:
    return (house.records["ends"] != NOWHERE).sum() / len(house.records)


def _seconds_to_open(folder: Path, model: WorldModel, size: int) -> float:
    begin = time.perf_counter()
    memory = Memory.open(folder, model, 2 * size)
    seconds = time.perf_counter() - begin
    memory.close()
    return seconds


def _looks(memory: Memory, house: Building) -> list[float]:
    """What it takes (ms) to find the places nearest to views from somewhere in the building."""
    random, spent = np.random.default_rng(SEED), []
    for place in random.integers(0, len(house.points), LOOKS):
        view = torch.from_numpy(house.view(house.points[place] + random.uniform(-ASIDE, ASIDE, 2))).unsqueeze(0)
        begin = time.perf_counter()
        memory.locate(view)
        spent.append(1e3 * (time.perf_counter() - begin))
    return spent


def _routes(memory: Memory, house: Building) -> list[float]:
    """What it takes (ms) to find ways between random places, to another goal each time."""
    spent = []
    for start, goal in np.random.default_rng(SEED).integers(0, len(house.points), (PAIRS, 2)).tolist():
        begin = time.perf_counter()
        route = memory.route(start, goal)
        spent.append(1e3 * (time.perf_counter() - begin))
        assert route is not None, "every room of the building has doors"
    return spent


def _figure(samples: list[float], unit: str, how: str) -> Figure:
    value, low, high = median(samples)
    text = f"median time {how}; one in twenty takes {np.quantile(samples, 0.95):.3g} {unit} or more"
    return Figure(value, unit, low, high, len(samples), conditions(text))
