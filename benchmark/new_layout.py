"""Rooms that the model was never trained in: five minutes of exploring fill a memory, which then leads."""

from __future__ import annotations

from collections.abc import Callable

from benchmark.figures import Figure
from benchmark.legs import Leg, drive, success
from benchmark.nodes import SEED
from benchmark.workers import workers
from jepa_ros.evaluation.robot import Watcher, explore
from jepa_ros.memory import Memory
from jepa_ros.paths import shipped
from jepa_ros.simulation.embedded import Setting
from jepa_ros.simulation.places import RoomPlaces
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

MODEL = shipped("models/furnished_room")
NAMES = ("new_layout.success",)
LAYOUTS = tuple(f"random:{seed}" for seed in range(10))
LEGS = 20  # in each
MINUTES = 5.0  # of exploring, simulated


def measure(tell: Callable[[float, float], None]) -> dict[str, Figure]:
    """Explore each layout and drive a tour through it; takes some ten minutes of two cores."""
    legs: list[Leg] = []
    with workers() as pool:
        for done, found in enumerate(pool.map(explore_and_drive, LAYOUTS), start=1):
            legs += found
            tell(done, len(LAYOUTS))
    how = (
        f"pictures of places all over {len(LAYOUTS)} random layouts that the shipped model never saw, "
        f"{LEGS} in each, every other one behind something, in stepped time, after {MINUTES:g} simulated minutes of "
        "random exploring with an empty memory"
    )
    return {NAMES[0]: success(legs, how)}


def explore_and_drive(layout: str) -> list[Leg]:
    """The legs of a tour through a layout that memory knows from a few minutes."""
    model = WorldModel.from_pretrained(MODEL)
    setting = Setting(SEED, layout)
    memory = Memory.apart(model)
    watcher = Watcher(model, simulator_of(model.contract, setting).anywhere(SEED), memory)
    for _ in explore(watcher, MINUTES * 60, SEED):
        pass
    places = RoomPlaces(model.contract, setting)
    tour = places.tour(LEGS, SEED)
    return [drive(memory, places, start, goal) for start, goal in zip(tour, tour[1:])]
