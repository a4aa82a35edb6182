"""Pursue a goal in closed loop: look, plan, take the first action, look again; and know how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from jepa_ros.planning.caution import speed_share
from jepa_ros.planning.goals import Goal, as_goal
from jepa_ros.planning.guide import DIRECT, Aim, Guide, Straight
from jepa_ros.planning.moment import Moment
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.planner import Planner
from jepa_ros.planning.unbroken import UnbrokenSurprise
from jepa_ros.world_model import WorldModel


class Outcome(Enum):
    """How a pursuit ended."""

    ARRIVED = "arrived"
    TIMED_OUT = "timed out"
    STUCK = "no progress"
    SURPRISED = "surprised"
    NO_PLAN = "no plan"


RECOVERABLE = (Outcome.STUCK, Outcome.SURPRISED)
HINDSIGHT = 0.2  # share of ``Patience.surprise`` that may pass unknown: with half, late pictures raised false alarms


@dataclass(frozen=True)
class Patience:
    """When a pursuit counts as ended. All times in seconds.

    ``dwell``: how long the goal must stay within tolerance. ``timeout``: for the whole. ``stuck``: how long the way to
    go may fail to shrink by ``progress`` (a share of what it was at first). ``surprise``: how long the world may differ
    from prediction without a break; time in which nobody can tell neither counts nor is a break. After either, a robot
    goes another way if its guide knows one; if not, it rests for ``rest`` and tries again, ``recoveries`` times in all.
    Both count anew then.
    """

    dwell: float = 0.3
    timeout: float = 60.0
    stuck: float = 3.0
    progress: float = 0.02
    surprise: float = 0.5
    rest: float = 0.25
    recoveries: int = 1


@dataclass(frozen=True)
class Step:
    """One turn of the loop. ``outcome`` ends the pursuit; without one, a ``plan`` of None asks for rest.

    ``distance`` is that to the goal itself, ``progress`` the share of the way that is covered, in [0, 1], and ``way``
    what the guide calls it. The plan may be one for a goal on the way.
    """

    distance: float
    progress: float
    phase: str
    plan: Plan | None = None
    outcome: Outcome | None = None
    way: str = DIRECT

    @property
    def words(self) -> str:
        """The phase, and the way where it is not straight."""
        return self.phase if self.way == DIRECT else f"{self.phase}, {self.way}"


class Pursuit:
    """Moves towards one goal, or goal latent (N, D), one ``step`` per control period.

    ``guide`` says at every step what to plan for; without one, that is the goal itself. Times are any steady clock's
    seconds.
    """

    def __init__(
        self,
        model: WorldModel,
        planner: Planner,
        goal: Goal | Tensor,
        tolerance: float,
        patience: Patience,
        now: float,
        guide: Guide | None = None,
    ):
        self.model, self.planner, self.goal = model, planner, as_goal(model, goal)
        self.guide = guide or Straight(self.goal)
        self.tolerance, self.patience = tolerance, patience
        self.began = self.improved = now
        self.plan: Plan | None = None
        self.replans = self.recoveries = 0
        self.start: float | None = None
        self.best = float("inf")
        self._arrived_since: float | None = None
        self._surprise = self._surprise_from(now)
        self._rests_until = now
        self._wider: Planner | None = None

    def step(self, moment: Moment) -> Step:
        """Judge arrival and progress by what is seen, and plan on from where the robot is when its command leaves."""
        now, state = moment.now, moment.present.state
        seen = self.model.context(moment.latent)[0, -1]
        distance = float(self.goal.distance(seen, lambda: state))
        aim = self.guide.aim(seen, state, distance)
        self._remember(now, distance, aim.to_go)
        self._surprise.judge(now, moment.anomalous, moment.delay)
        outcome = self._outcome(now)
        if outcome in RECOVERABLE and self._tries_again(now):
            outcome, aim = None, self.guide.aim(seen, state, distance)
        progress = self._progress(aim.to_go)
        if outcome is not None:
            return Step(distance, progress, outcome.value, outcome=outcome, way=aim.way)
        if now < self._rests_until:
            return Step(distance, progress, "recovering", way=aim.way)
        phase = self._phase()
        self.plan = self._replan(moment, aim)
        if not self.plan.cost < float("inf"):
            return Step(distance, progress, Outcome.NO_PLAN.value, outcome=Outcome.NO_PLAN, way=aim.way)
        return Step(distance, progress, phase, plan=self.plan, way=aim.way)

    def _tries_again(self, now: float) -> bool:
        """Whether there is another way to go, or another try to make. Nothing of the time until now counts then."""
        if self.guide.lead_elsewhere():
            self.plan = None
        elif self.recoveries < self.patience.recoveries:
            self._recover(now)
        else:
            return False
        self.best, self._surprise = float("inf"), self._surprise_from(now)
        return True

    def _surprise_from(self, now: float) -> UnbrokenSurprise:
        """Nothing of the time until now counts."""
        return UnbrokenSurprise(now, HINDSIGHT * self.patience.surprise)

    def _recover(self, now: float) -> None:
        """Rest, then search wider than before."""
        self.recoveries += 1
        self._rests_until = now + self.patience.rest
        self._wider = self.planner.wider()

    def _replan(self, moment: Moment, aim: Aim) -> Plan:
        """The plan of now, the slower the less the world is as predicted.

        What is left of a plan that has led nowhere, or that the world has departed from, is nothing to begin with: a
        surprise has the robot plan anew at its next period. Commands out of turn would gain less than half a period on
        average, and cost the rhythm.
        """
        warm_start = None if moment.anomalous or self._wider else self.plan
        planner, self._wider = self._wider or self.planner, None
        share = speed_share(moment.p_value)
        if share < 1.0:
            planner = planner.slower(self.model.contract, share)
        self.replans += 1
        return planner.plan(self.model, moment.start, aim.goal, moment.present, warm_start)

    def _phase(self) -> str:
        if self._wider is not None:
            return "recovering"
        return "moving" if self._arrived_since is None else "settling"

    def _remember(self, now: float, distance: float, to_go: float) -> None:
        if self.start is None:
            self.start = to_go
        if to_go < self.best - self.patience.progress * self.start:
            self.best, self.improved = to_go, now
        self._arrived_since = _since(self._arrived_since, now, distance <= self.tolerance)

    def _outcome(self, now: float) -> Outcome | None:
        if self._arrived_since is not None and now - self._arrived_since >= self.patience.dwell:
            return Outcome.ARRIVED
        if self._surprise.seconds(now) >= self.patience.surprise:
            return Outcome.SURPRISED
        if self._arrived_since is None and now - self.improved >= self.patience.stuck:
            return Outcome.STUCK
        return Outcome.TIMED_OUT if now - self.began >= self.patience.timeout else None

    def _progress(self, to_go: float) -> float:
        return min(max(1.0 - to_go / self.start, 0.0), 1.0) if self.start else 1.0


def _since(before: float | None, now: float, holds: bool) -> float | None:
    """Since when a condition has held without a break; None where it does not hold."""
    if not holds:
        return None
    return now if before is None else before
