"""Leads a pursuit over remembered places to its goal, and another way where one proves blocked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from jepa_ros.memory.localiser import Whereabouts
from jepa_ros.memory.memory import Memory
from jepa_ros.memory.near import Near
from jepa_ros.memory.route import Route
from jepa_ros.memory.trail import FASTEST
from jepa_ros.planning import Aim, Goal, LatentGoal
from jepa_ros.planning.guide import DIRECT

AHEAD = 2.0  # control periods that the next goal on the way lies ahead, at least: with more, corners are cut
ROOMY = 5.0  # tolerances about that place, and periods of way, the middle of which is gone to
ABOUT = 16  # remembered places near the robot, of which that with the shortest way is where the route begins
REACH = 2.0  # tolerances that such a place may be farther than the nearest one
POSSIBLE = 0.05  # share of belief that the robot is there, or within what poses tell apart, below which it is not
ALIKE, SEVERAL = 1.0, 4  # tolerances more than the nearest place by which others look like the goal; how many of them
FAMILIAR = 3.0  # tolerances from the nearest remembered place: what is farther off was never seen
LATELY, LEAST = 2, 0.5  # periods that a robot needs at most to get on by so many, unless something is in its way
WIDE = (5.0, 3.0, 1.0)  # tolerances about a blocked place where others are taken to be so too, if a way is left then
BESIDE = 1.0  # tolerances that such a place may be nearer to the robot than to that one
MANY = 64  # places that are looked at for all that

ALONG = "along a remembered route"
NEARBY = "to the remembered view nearest to a goal never seen"
UNKNOWN = "direct, as nothing remembered leads there"
ONE_OF = "{way}, the nearest of {count} places that look like the goal"

Moves = dict[tuple[int, int], int]  # from where to where, and how often that was made


class MemoryGuide:
    """Leads to a goal over remembered places: straight where it is near, else to the next place on the route.

    ``route`` is the way from a place beside the robot to that nearest to the goal; None where memory knows none. Where
    several places look like the goal, it is the shortest way to any of them. ``whereabouts`` says what is believed of
    where the robot is: of places that look alike, those where it can't be are none to begin at.
    """

    def __init__(self, memory: Memory, goal: Goal, whereabouts: Callable[[], Whereabouts | None] = lambda: None):
        self.route: Route | None = None
        self._memory, self._goal, self._whereabouts = memory, goal, whereabouts
        self._tolerance = memory.model.calibration.tolerance
        self._ends = self._like_the_goal()
        self._end: Near | None = None
        self._lately: deque[float] = deque(maxlen=LATELY + 1)

    def aim(self, latent: Tensor, state: Tensor, distance: float) -> Aim:
        self._latent = latent
        found = self._aim(distance)
        self._lately.append(found.to_go)
        blocked = found.way not in (DIRECT, UNKNOWN) and not self._gets_on()
        return self._aim(distance) if blocked and self.lead_elsewhere() else found

    def look(self, latent: Tensor, distance: float) -> Aim:
        """What ``aim`` says, for a robot that somebody else drives: how it gets on then tells nothing of the way."""
        self._latent = latent
        self._lately.clear()
        return self._aim(distance)

    def lead_elsewhere(self) -> bool:
        """Strike out what is in the way, unless the robot gets on all the same or no other way would be left.

        Where that is because of what was struck out before, it is given another chance.
        """
        if self.route is None:
            return False
        if len(self._lately) > LATELY and self._gets_on():
            return True
        self._lately.clear()
        if self._goes_round():
            return True
        self._memory.pardon()
        return self._goes_round()

    def _gets_on(self) -> bool:
        """Whether the way to go has shrunk of late, or it is too early to tell."""
        return len(self._lately) <= LATELY or self._lately[0] - self._lately[-1] >= LEAST

    def _aim(self, distance: float) -> Aim:
        start = self._find_route()
        if start is None:
            return Aim(self._goal, self._periods(distance), UNKNOWN)
        gone = self._periods(start.distance) + np.append(0.0, self.route.periods.cumsum())
        ahead = np.flatnonzero(gone >= AHEAD)
        if not len(ahead) or distance < self._end.distance:  # beyond its end, the route would lead back
            return Aim(self._goal, self._periods(distance), DIRECT)
        place = LatentGoal(self._memory.model, self._amid(self.route.nodes[ahead[0]]))
        return Aim(place, float(gone[-1]) + self._periods(self._end.distance), self._way())

    def _way(self) -> str:
        """Which way that is, in words."""
        way = ALONG if self._end.distance <= FAMILIAR * self._tolerance else NEARBY
        return way if len(self._ends) == 1 else ONE_OF.format(way=way, count=len(self._ends))

    def _find_route(self) -> Near | None:
        """Where the route from beside the robot begins; None where there is none, whatever is given another chance."""
        found = self._shortest()
        if found is None and self._ends:
            self._memory.pardon()
            found = self._shortest()
        if found is None:
            self.route = None
            return None
        start, self._end = found
        self.route = self._memory.route(start.node, self._end.node)
        return start

    def _shortest(self) -> tuple[Near, Near] | None:
        """Where the shortest way from beside the robot to what looks like the goal begins and ends."""
        here = self._here()
        return self._shortest_from(self._possible(here)) or self._shortest_from(here)

    def _shortest_from(self, here: Sequence[Near]) -> tuple[Near, Near] | None:
        """The same for some places beside the robot; those that lie back count as well as the nearest that leads on."""
        ways = []
        for end in self._ends:
            to_go = self._memory.to_go(end.node)
            leading = [place for place in here if np.isfinite(to_go[place.node])]
            about = [place for place in leading if place.distance <= leading[0].distance + self._tolerance]
            ways += [(self._periods(place.distance) + to_go[place.node], place, end) for place in about]
        shortest = min(ways, default=None)
        return None if shortest is None else shortest[1:]

    def _here(self) -> list[Near]:
        """The places that look like where the robot is."""
        near = self._memory.locate(self._latent, ABOUT)
        return [place for place in near if place.distance <= near[0].distance + REACH * self._tolerance]

    def _possible(self, here: Sequence[Near]) -> list[Near]:
        """Those of the places where the robot can be, as far as is known from where it came."""
        believed = self._whereabouts()
        if believed is None:
            return list(here)
        apart = (self._memory.elsewhere(place.node, believed.nodes) for place in here)
        return [place for place, other in zip(here, apart) if believed.shares[~other].sum() >= POSSIBLE]

    def _like_the_goal(self) -> list[Near]:
        """The place nearest to the goal, and others that look as much like it."""
        near = self._memory.nearest(self._goal, MANY)
        ends: list[Near] = []
        for place in near:
            others = self._memory.elsewhere(place.node, np.array([end.node for end in ends], np.int64))
            if others.all() and place.distance <= near[0].distance + ALIKE * self._tolerance:
                ends.append(place)
        return ends[:SEVERAL]

    def _amid(self, node: int) -> Tensor:
        """The middle (N, D) of what is remembered about a place: off the walls, where the robot has room."""
        to_go, latent = self._memory.to_go(self._end.node), self._memory.latent(node)
        near = (place.node for place in self._memory.locate(latent, MANY) if self._within(place, ROOMY))
        alike = [place for place in near if abs(to_go[place] - to_go[node]) <= ROOMY]
        return self._memory.latents[alike].mean(dim=0).view(latent.shape).to(self._latent)

    def _goes_round(self) -> bool:
        """Strike out as much of what is in the way as leaves another one; whether that is possible.

        Where the robot tries what was only predicted, that is doubted first, with what was predicted beside it.
        """
        if self._tries():
            about = self._moves_of(self._blocked(WIDE[0]))
            if self._strike_out({move: times for move, times in about.items() if not times}):
                return True
        return any(self._strike_out(self._moves_of(self._blocked(wide))) for wide in WIDE)

    def _tries(self) -> bool:
        """Whether the robot is about to make a move that it has never made."""
        begin = np.append(0.0, self.route.periods.cumsum())
        moves = zip(self.route.nodes, self.route.nodes[1:], begin)
        return not all(self._memory.moves(start).made(end) for start, end, after in moves if after <= AHEAD)

    def _blocked(self, wide: float) -> set[int]:
        """The places within so many tolerances that what is in the way may take up, beyond where the robot is."""
        ahead = next((node for node in self.route.nodes if self._apart(node) > self._tolerance), None)
        if ahead is None:
            return set()
        about = self._memory.locate(self._memory.latent(ahead), MANY)
        elsewhere = self._memory.elsewhere(ahead, np.array([place.node for place in about]))
        beyond = BESIDE * self._tolerance
        return {
            place.node
            for place, other in zip(about, elsewhere)
            if not other and self._within(place, wide) and place.distance < self._apart(place.node) + beyond
        }

    def _moves_of(self, places: set[int]) -> Moves:
        """All moves to and from places that routes may use."""
        near = {near.node for place in places for near in self._memory.locate(self._memory.latent(place), MANY)}
        known = ((start, self._memory.moves(start)) for start in near)
        return {
            (start, int(end)): int(times)
            for start, moves in known
            for end, times, struck in zip(moves.ends, moves.times, moves.struck)
            if not struck and (start in places or int(end) in places)
        }

    def _strike_out(self, moves: Moves) -> bool:
        """Whether there is another way without these moves, which are struck out then."""
        for move in moves:
            self._memory.strike_out(*move)
        if moves and self._shortest() is not None:
            return True
        for move in moves:
            self._memory.reinstate(*move)
        return False

    def _within(self, place: Near, tolerances: float) -> bool:
        return place.distance <= tolerances * self._tolerance

    def _apart(self, node: int) -> float:
        """How far the robot is from a place."""
        return float(self._memory.model.distance(self._memory.latent(node).to(self._latent), self._latent))

    def _periods(self, distance: float) -> float:
        """The control periods that a brisk robot takes for a distance."""
        return distance / (FASTEST * self._tolerance)
