"""A machine without a camera: a heated stirred tank, its eight instruments and its two inputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from jepa_ros.simulation.body import CommandError, Control, Fields, Sensor
from jepa_ros.simulation.stirred_tank import DRIFT, FEED, SUPPLY, StirredTank, Wear

FLOAT = "std_msgs/msg/Float64"
PHYSICS_RATE = 20.0  # Hz, at least
DISTURBED = 9.0  # how much more noise instruments have at full distraction
FAULTS = tuple(field.name for field in fields(Wear))


class Instrument(NamedTuple):
    """A measuring point: its topic, readings per second, noise (standard deviation, in its unit), and what it reads."""

    topic: str
    rate: int
    noise: float
    read: Callable[[StirredTank], float]


INSTRUMENTS = (
    Instrument("tank/temperature", 5, 0.08, lambda tank: tank.tank + DRIFT * tank.wear.sensor_drift),  # °C
    Instrument("jacket/temperature", 5, 0.15, lambda tank: tank.jacket),  # °C
    Instrument("feed/temperature", 5, 0.08, lambda tank: tank.feed),  # °C
    Instrument("feed/pressure", 10, 0.02, lambda tank: tank.supply),  # bar
    Instrument("tank/level", 10, 0.003, lambda tank: tank.level),  # m
    Instrument("feed/flow", 10, 0.004, lambda tank: tank.inflow * 1e3),  # l/s
    Instrument("drain/flow", 10, 0.004, lambda tank: tank.outflow * 1e3),  # l/s
    Instrument("stirrer/current", 10, 0.02, lambda tank: tank.stirrer_current),  # A
)


class Development(NamedTuple):
    """A fault on its way: which, since when (s), and the time (s) that it takes to failure."""

    fault: str
    began: float
    duration: float

    def severity(self, time: float) -> float:
        """0 at first, 1 at failure and after; slow at first, as wear is."""
        return min(max((time - self.began) / self.duration, 0.0), 1.0) ** 2


class Process:
    """The tank in operation.

    Args:
        seed: of the noise, of the wandering supply and of where `reset` begins.
        distractors: how much noisier its instruments are than usual, 0 … 1.

    Raises:
        ValueError: `distractors` is not within 0 … 1.
    """

    name = "process"

    def __init__(self, seed: int = 0, distractors: float = 0.0) -> None:
        if not 0.0 <= distractors <= 1.0:
            raise ValueError(f"distractors are {distractors}, not within 0 … 1")
        self._noise = 1.0 + DISTURBED * distractors
        self._random = np.random.default_rng(seed)
        self.time = 0.0
        self._developments: list[Development] = []
        self.reset()

    def reset(self) -> None:
        """Begin anew: sound, at a random point of operation."""
        random = self._random
        temperature = random.uniform(20.0, 55.0)
        jacket = temperature + random.uniform(5.0, 40.0)
        self.tank = StirredTank(random.uniform(0.3, 0.8), temperature, jacket, random.uniform(0.3, 0.8), 0.5)
        self._developments.clear()

    def develop(self, fault: str, seconds: float) -> None:
        """Let a fault begin now that leads to failure `seconds` from now.

        Raises:
            ValueError: there is no such fault.
        """
        if fault not in FAULTS:
            raise ValueError(f"no fault is called '{fault}'; there are {', '.join(FAULTS)}")
        self._developments.append(Development(fault, self.time, seconds))

    @property
    def time_to_failure(self) -> float:
        """Time until the first fault has led to failure in s, 0 after that, infinite while it is sound."""
        return min((max(d.began + d.duration - self.time, 0.0) for d in self._developments), default=math.inf)

    def sensors(self) -> tuple[Sensor, ...]:
        return tuple(Sensor(point.topic, FLOAT, point.rate, self._reader(point)) for point in INSTRUMENTS)

    def controls(self) -> tuple[Control, ...]:
        return (
            Control("heater/power", FLOAT, lambda message, now_ns: self.set_heater(message.data)),
            Control("feed/valve", FLOAT, lambda message, now_ns: self.set_valve(message.data)),
        )

    def set_heater(self, power: float) -> None:
        """Heat with this share of the heater's power, 0 … 1. Raises CommandError where it is no number."""
        self.tank.heater = _share("heater/power", power)

    def set_valve(self, opening: float) -> None:
        """Open the feed's valve so far, 0 … 1. Raises CommandError where it is no number."""
        self.tank.valve_wanted = _share("feed/valve", opening)

    def step(self, dt: float) -> None:
        count = max(1, math.ceil(dt * PHYSICS_RATE - 1e-6))
        part = dt / count
        for _ in range(count):
            self.time += part
            for development in self._developments:
                setattr(self.tank.wear, development.fault, development.severity(self.time))
            self._wander(part)
            self.tank.advance(part)

    def _wander(self, dt: float) -> None:
        """Nobody holds the supply: its pressure wanders within seconds, its temperature within minutes."""
        for name, middle, spread, seconds in (("supply", SUPPLY, 0.15, 8.0), ("feed", FEED, 1.0, 300.0)):
            value = getattr(self.tank, name)
            pull, push = (middle - value) * dt / seconds, spread * math.sqrt(2 * dt / seconds)
            setattr(self.tank, name, value + pull + push * self._random.standard_normal())

    def _reader(self, point: Instrument) -> Callable[[int], Fields]:
        def read(stamp_ns: int) -> Fields:
            return {"data": point.read(self.tank) + self._noise * point.noise * self._random.standard_normal()}

        return read


def _share(topic: str, value: Any) -> float:
    if not math.isfinite(value):
        raise CommandError(f"{topic} is {value}, not finite")
    return min(max(float(value), 0.0), 1.0)
