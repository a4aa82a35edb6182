"""Pursue a goal in closed loop: look, plan, take the first action, look again; and know how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from jepa_ros.planning.caution import speed_share
from jepa_ros.planning.goals import Goal, as_goal
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.planner import Planner, Present
from jepa_ros.world_model import WorldModel


class Outcome(Enum):
    """How a pursuit ended."""

    ARRIVED = "arrived"
    TIMED_OUT = "timed out"
    STUCK = "no progress"
    SURPRISED = "surprised"
    NO_PLAN = "no plan"


RECOVERABLE = (Outcome.STUCK, Outcome.SURPRISED)


@dataclass(frozen=True)
class Patience:
    """When a pursuit counts as ended. All times in seconds.

    ``dwell``: how long the goal must stay within tolerance. ``timeout``: for the whole. ``stuck``: how long the
    distance may fail to shrink by ``progress`` (a share of the starting distance). ``surprise``: how long the world
    may differ from prediction without a break. After either, a robot rests for ``rest`` and tries again, ``recoveries``
    times in all, and both count anew.
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
    """One turn of the loop. ``outcome`` ends the pursuit; without one, a ``plan`` of None asks for rest."""

    distance: float
    progress: float
    phase: str
    plan: Plan | None = None
    outcome: Outcome | None = None


class Pursuit:
    """Moves towards one goal, or goal latent (N, D), one ``step`` per control period.

    Times are any steady clock's seconds.
    """

    def __init__(
        self,
        model: WorldModel,
        planner: Planner,
        goal: Goal | Tensor,
        tolerance: float,
        patience: Patience,
        now: float,
    ):
        self.model, self.planner, self.goal = model, planner, as_goal(model, goal)
        self.tolerance, self.patience = tolerance, patience
        self.began = self.improved = now
        self.plan: Plan | None = None
        self.replans = self.recoveries = 0
        self.start: float | None = None
        self.best = float("inf")
        self._arrived_since: float | None = None
        self._surprised_since: float | None = None
        self._rests_until = now
        self._wider: Planner | None = None

    def step(
        self,
        now: float,
        latent: Tensor,
        present: Present,
        anomalous: bool = False,
        foreseen: Tensor | None = None,
        p_value: float = 1.0,
    ) -> Step:
        """Judge the newest latent (1, N, D), or the newest of a context (1, K, N, D), and plan on from it.

        ``foreseen`` (1, K, N, D) is where the robot is when its next command leaves, see ``look_ahead``: plans begin
        there, while arrival and progress are judged by what was seen. ``p_value`` says how likely the newest prediction
        error is, and ``anomalous`` that it is a surprise.
        """
        distance = float(self.goal.distance(self.model.context(latent)[0, -1], lambda: present.state))
        self._remember(now, distance, anomalous)
        progress, outcome = self._progress(distance), self._outcome(now)
        if outcome in RECOVERABLE and self.recoveries < self.patience.recoveries:
            outcome = None
            self._recover(now)
        if outcome is not None:
            return Step(distance, progress, outcome.value, outcome=outcome)
        if now < self._rests_until:
            return Step(distance, progress, "recovering")
        phase = self._phase()
        self.plan = self._replan(latent if foreseen is None else foreseen, present, anomalous, p_value)
        if not self.plan.cost < float("inf"):
            return Step(distance, progress, Outcome.NO_PLAN.value, outcome=Outcome.NO_PLAN)
        return Step(distance, progress, phase, plan=self.plan)

    def _recover(self, now: float) -> None:
        """Rest, then search wider than before; whatever came of the time until now counts no more."""
        self.recoveries += 1
        self._rests_until = now + self.patience.rest
        self._wider = self.planner.wider()
        self.best, self._surprised_since = float("inf"), None

    def _replan(self, latent: Tensor, present: Present, anomalous: bool, p_value: float) -> Plan:
        """The plan of now, the slower the less the world is as predicted.

        What is left of a plan that has led nowhere, or that the world has departed from, is nothing to begin with: a
        surprise has the robot plan anew at its next period. Commands out of turn would gain less than half a period on
        average, and cost the rhythm.
        """
        warm_start = None if anomalous or self._wider else self.plan
        planner, self._wider = self._wider or self.planner, None
        share = speed_share(p_value)
        if share < 1.0:
            planner = planner.slower(self.model.contract, share)
        self.replans += 1
        return planner.plan(self.model, latent, self.goal, present, warm_start)

    def _phase(self) -> str:
        if self._wider is not None:
            return "recovering"
        return "moving" if self._arrived_since is None else "settling"

    def _remember(self, now: float, distance: float, anomalous: bool) -> None:
        if self.start is None:
            self.start = distance
        if distance < self.best - self.patience.progress * self.start:
            self.best, self.improved = distance, now
        self._arrived_since = _since(self._arrived_since, now, distance <= self.tolerance)
        self._surprised_since = _since(self._surprised_since, now, anomalous)

    def _outcome(self, now: float) -> Outcome | None:
        if self._arrived_since is not None and now - self._arrived_since >= self.patience.dwell:
            return Outcome.ARRIVED
        if self._surprised_since is not None and now - self._surprised_since >= self.patience.surprise:
            return Outcome.SURPRISED
        if self._arrived_since is None and now - self.improved >= self.patience.stuck:
            return Outcome.STUCK
        return Outcome.TIMED_OUT if now - self.began >= self.patience.timeout else None

    def _progress(self, distance: float) -> float:
        """Share of the starting distance that is covered, in [0, 1]."""
        return min(max(1.0 - distance / self.start, 0.0), 1.0) if self.start else 1.0


def _since(before: float | None, now: float, holds: bool) -> float | None:
    """Since when a condition has held without a break; None where it does not hold."""
    if not holds:
        return None
    return now if before is None else before
