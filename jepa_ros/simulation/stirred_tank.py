"""A heated stirred tank: the balances of water and heat, its valves, and the faults that develop in it.

Water flows in through a control valve and out through an orifice at the bottom. A jacket heats it: an electric heater
warms the jacket's oil, whose heat passes the wall. Flows and valves answer within a second, the jacket within minutes,
the tank's level and temperature within many of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

AREA = 0.025  # m² of the tank's floor
TOP = 1.0  # m, where it overflows
ORIFICE = 2.0e-4  # m³/s out at a level of 1 m
VALVE = 2.4e-4  # m³/s in through the open valve at SUPPLY
SUPPLY = 3.0  # bar before the valve
HEATER = 12_000.0  # W
JACKET = 25_000.0  # J/K of the jacket's oil and steel
WALL = 420.0  # W/K through the clean wall of a full tank, stirred
LOSS = 12.0  # W/K from the jacket to the hall
WATER = 4.19e6  # J/(K m³)
HALL, FEED = 20.0, 15.0  # °C
HEATER_LIMIT = 120.0  # °C in the jacket, where the thermostat cuts off
VALVE_TIME = 0.6  # s that the valve takes for 63 % of its way
STIRRER = 2.0  # A, idle
STIRRER_LOAD = 1.6  # A more in a full cold tank


@dataclass
class Wear:
    """How far each fault has developed: 0 sound, 1 failed, and what it does then."""

    fouling: float = 0.0
    """Deposits on the wall: of its heat transfer 65 % is lost at 1."""
    leak: float = 0.0
    """A hole in the bottom: 6e-5 m³/s at 1 m of water at 1."""
    stuck_valve: float = 0.0
    """The valve's stem binds: it moves only for changes beyond a dead band, the whole stroke at 1."""
    sensor_drift: float = 0.0
    """The tank's thermometer shows 6 K too much at 1."""


FOULED, LEAK, DRIFT = 0.65, 6.0e-5, 6.0


class StirredTank:
    """The machine without its instruments.

    Attributes:
        level: m. tank, jacket, feed: °C. valve: opening, 0 … 1. supply: bar. inflow, outflow: m³/s.
        heater, valve_wanted: the two inputs, 0 … 1.
        wear: how worn it is; set from outside.
    """

    def __init__(self, level: float, tank: float, jacket: float, valve: float, heater: float) -> None:
        self.level, self.tank, self.jacket, self.valve = level, tank, jacket, valve
        self.heater, self.valve_wanted = heater, valve
        self.supply, self.feed = SUPPLY, FEED
        self.inflow = self.outflow = 0.0
        self.wear = Wear()

    def advance(self, dt: float) -> None:
        """Let `dt` seconds pass, which must be a small part of VALVE_TIME."""
        self._move_valve(dt)
        self.inflow = VALVE * self.valve * math.sqrt(max(self.supply, 0.0) / SUPPLY)
        head = math.sqrt(max(self.level, 0.0))
        self.outflow = ORIFICE * head
        leaking = LEAK * self.wear.leak * head
        full = max(self.level, 0.02)
        wall = WALL * (1 - FOULED * self.wear.fouling) * (0.15 + 0.85 * min(full / TOP, 1.0))
        passed = wall * (self.jacket - self.tank)
        power = HEATER * self.heater if self.jacket < HEATER_LIMIT else 0.0
        warming = self.inflow * WATER * (self.feed - self.tank)
        self.jacket += (power - passed - LOSS * (self.jacket - HALL)) / JACKET * dt
        self.tank += (passed + warming) / (WATER * AREA * full) * dt
        self.level = min(max(self.level + (self.inflow - self.outflow - leaking) / AREA * dt, 0.0), TOP)

    @property
    def stirrer_current(self) -> float:
        """A: more water, and colder, is harder to stir."""
        return STIRRER + STIRRER_LOAD * self.level / TOP * (1.25 - 0.25 * (self.tank - FEED) / 45.0)

    def _move_valve(self, dt: float) -> None:
        """Towards where it is wanted; a binding stem follows only when it is more than the dead band away."""
        error = self.valve_wanted - self.valve
        if abs(error) > self.wear.stuck_valve:
            free = error - math.copysign(self.wear.stuck_valve, error)
            self.valve += free * min(dt / VALVE_TIME, 1.0)
