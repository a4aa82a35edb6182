"""How much of rooms that the model never saw a base comes through, led by an exploration and at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from benchmark.figures import Figure, conditions
from benchmark.new_layout import MODEL
from benchmark.nodes import SEED
from benchmark.workers import workers
from jepa_ros.evaluation.driving import drive
from jepa_ros.evaluation.robot import Look, Watcher, explore
from jepa_ros.evaluation.statistics import bootstrap
from jepa_ros.memory import Exploration, Memory
from jepa_ros.planning import Planner
from jepa_ros.simulation.embedded import Setting
from jepa_ros.simulation.free_space import CELL, FreeSpace
from jepa_ros.simulation.layouts import find_layout
from jepa_ros.simulation.simulators import simulator_of
from jepa_ros.world_model import WorldModel

LAYOUTS = tuple(f"random:{seed}" for seed in range(100, 112))
SECONDS = 120.0  # simulated, of each exploration
SIDE = 0.25  # m, of a cell, which is free where half of its area is and come through where the base's middle was
COURSE = 1.0  # s for which a course is kept by who drives about at full pace
NAMES = ("exploration.coverage", "exploration.random_coverage", "exploration.brisk_coverage", "exploration.gain_points")


def measure(tell: Callable[[float, float], None]) -> dict[str, Figure]:
    """Explore every layout in each way; takes some six minutes of two cores."""
    runs, found = list(product(WAYS, LAYOUTS)), []
    with workers() as pool:
        for share in pool.map(_come_through, *zip(*runs)):
            found.append(share)
            tell(len(found), len(runs))
    led, random, brisk = np.reshape(found, (len(WAYS), len(LAYOUTS)))
    about = (
        f"of the free cells of {SIDE:g} m, by the true map, that the base came through in {SECONDS:g} simulated s, in "
        f"{len(LAYOUTS)} random layouts that the shipped model never saw, with an empty memory, in stepped time"
    )
    return {
        NAMES[0]: _figure(led, "%", f"mean share {about}; led by an exploration"),
        NAMES[1]: _figure(random, "%", f"mean share {about}; the random motion that models are trained on"),
        NAMES[2]: _figure(brisk, "%", f"mean share {about}; at full pace, a random course every {COURSE:g} s"),
        NAMES[3]: _figure(led - np.maximum(random, brisk), "points", f"over the better of both random ways; {about}"),
    }


def _come_through(way: str, layout: str) -> float:
    """The share of a layout's free cells (%) that the base comes through."""
    model, setting = WorldModel.from_pretrained(MODEL), Setting(SEED, layout)
    memory = Memory.apart(model)
    watcher = Watcher(model, simulator_of(model.contract, setting).anywhere(SEED), memory)
    free = _free(layout)
    cells = {tuple((look.observation.state[:2] // SIDE).astype(int)) for look in WAYS[way](watcher, memory)}
    return 100 * len(cells & free) / len(free)


def _free(layout: str) -> set[tuple[int, int]]:
    """The cells (x, y) half of whose area is free."""
    grid, size = FreeSpace(find_layout(layout)).grid, round(SIDE / CELL)
    rows, columns = (-(-count // size) for count in grid.shape)
    whole = np.zeros((rows * size, columns * size))
    whole[: grid.shape[0], : grid.shape[1]] = grid
    share = whole.reshape(rows, size, columns, size).mean(axis=(1, 3))
    return {(int(column), int(row)) for row, column in np.argwhere(share >= 0.5)}


def _led(watcher: Watcher, memory: Memory) -> list[Look]:
    planner = Planner(watcher.robot.contract.limits)
    return drive(watcher, lambda now: Exploration(memory, planner, 1.0, SECONDS, now, SEED)).looks


def _random(watcher: Watcher, memory: Memory) -> Iterator[Look]:
    for looks in explore(watcher, SECONDS, SEED):
        yield from looks


def _brisk(watcher: Watcher, memory: Memory) -> Iterator[Look]:
    """Straight on at full pace, on another course every so often."""
    robot, random = watcher.robot, np.random.default_rng(SEED)
    limits, period = robot.contract.limits, robot.contract.period
    for tick in range(round(SECONDS / period)):
        if tick % round(COURSE / period) == 0:
            course = random.uniform(-1.0, 1.0, len(limits.low))
            course /= np.abs(course).max()
        looks = watcher.advance()
        yield from looks
        if looks:
            state = looks[-1].observation.state
            wish = np.where(course < 0, -course * limits.low, course * limits.high)
            robot.act(limits.project(wish[None], robot.motion(state).command, state)[0], state)


WAYS = {"led": _led, "random": _random, "brisk": _brisk}


def _figure(values: np.ndarray, unit: str, how: str) -> Figure:
    low, high = bootstrap(lambda samples: float(np.mean(samples)), values.tolist())
    return Figure(float(values.mean()), unit, low, high, len(values), conditions(f"{how}; interval over layouts"))
