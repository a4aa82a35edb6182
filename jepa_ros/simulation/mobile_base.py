"""A round mobile base on four mecanum wheels, which drives any way without turning first.

Why omnidirectional: a small round robot's heading is a few pixels of a picture, and a base that must turn before it can
go sideways needs it at every step. This one may turn too, but where it can go next does not depend on it.
"""

from __future__ import annotations

import math

import numpy as np

from jepa_ros.simulation.furniture import Solids

RADIUS = 0.2  # m
SPEED_LIMIT = 1.5  # m/s, either way
TURN_LIMIT = 3.0  # rad/s
ACCELERATION = 12.0  # m/s²
TURN_ACCELERATION = 25.0  # rad/s²
PHYSICS_RATE = 200.0  # Hz, at least
PUSHES = 4  # solids that are pushed away from in one step, before it stays where it was

WHEELS = ("front_left_wheel", "front_right_wheel", "rear_left_wheel", "rear_right_wheel")
WHEEL_RADIUS = 0.05  # m
WHEEL_ARM = 0.24  # m, half the wheelbase and half the track together
# Wheel turns from forward, leftward and turning speed; the rollers stand as an X seen from above
MIXING = np.array([[1, -1, -1], [1, 1, 1], [1, 1, -1], [1, -1, 1]]) * [1, 1, WHEEL_ARM] / WHEEL_RADIUS


class MobileBase:
    """The base among solids: it slides along what it touches, and its wheels slip then.

    Args:
        solids: what it cannot pass.
        position: (2,) m, free.
        heading: rad, 0 along x, positive to the left.

    Attributes:
        velocity: (2,) m/s along the room's axes. turn_rate: rad/s.
        touching: whether something is in its way.
        blocked: whether a wheel is held fast, and the base with it; set from outside.
    """

    def __init__(self, solids: Solids, position: np.ndarray, heading: float = 0.0) -> None:
        self.surround(solids)
        self.position, self.heading = np.array(position, float), float(heading)
        self.velocity = np.zeros(2)
        self.turn_rate = 0.0
        self.wheel_position, self.wheel_velocity = np.zeros(4), np.zeros(4)
        self.touching = False
        self.blocked = False
        self._wanted = np.zeros(3)
        self._driven = np.zeros(3)

    def surround(self, solids: Solids) -> None:
        """Put it among other solids; it must not stand in any."""
        self._solids = solids
        self._room = 0.0  # m that it may go before anything could be in the way

    def drive(self, forward: float, left: float, turn: float) -> None:
        """Take speeds (m/s, m/s, rad/s) in the base's own frame, cut to what it can; they count until the next ones."""
        speed = math.hypot(forward, left)
        share = min(1.0, SPEED_LIMIT / speed) if speed else 1.0
        self._wanted = np.array([forward * share, left * share, min(max(turn, -TURN_LIMIT), TURN_LIMIT)])

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass, in equal physics steps at `PHYSICS_RATE` or a little above."""
        count = max(1, math.ceil(dt * PHYSICS_RATE - 1e-6))
        for _ in range(count):
            self._advance(dt / count)

    def _advance(self, dt: float) -> None:
        if self.blocked:
            self._wanted, self._driven = np.zeros(3), np.zeros(3)
        before = self._driven
        change = self._wanted - before
        if change.any():
            reach = np.array([ACCELERATION, ACCELERATION, TURN_ACCELERATION]) * dt
            self._driven = before + change.clip(-reach, reach)
        elif not before.any():
            self.velocity, self.wheel_velocity, self.turn_rate = np.zeros(2), np.zeros(4), 0.0
            return
        forward, left, turn = 0.5 * (before + self._driven)
        middle = self.heading + 0.5 * turn * dt
        cos, sin = math.cos(middle), math.sin(middle)
        self._move(np.array([cos * forward - sin * left, sin * forward + cos * left]), dt)
        self.heading = math.remainder(self.heading + turn * dt, math.tau)
        self.turn_rate = float(self._driven[2])
        self.wheel_velocity = MIXING @ self._driven
        self.wheel_position = self.wheel_position + MIXING @ (0.5 * (before + self._driven)) * dt

    def _move(self, velocity: np.ndarray, dt: float) -> None:
        """Go on with a velocity (2,) in the room's frame as far as solids allow."""
        before = self.position
        self.position = before + velocity * dt
        self._room -= math.hypot(*velocity) * dt
        self.touching = False
        if self._room <= 0.0:
            self._keep_out(before)
        self.velocity = (self.position - before) / dt if self.touching else velocity

    def _keep_out(self, before: np.ndarray) -> None:
        """Push the base out of what it has run into; stay at `before` where there is no way out. Measures the room."""
        for _ in range(PUSHES):
            distance, away = self._solids.nearest(self.position)
            self._room = distance - RADIUS
            if self._room >= -1e-9:
                return
            self.touching = True
            self.position = self.position - self._room * away
        self.position = before
