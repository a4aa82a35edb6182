"""Fill a memory: go back to where it is thin, and from there on to what is new, until little is."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from jepa_ros.memory.guide import MemoryGuide
from jepa_ros.memory.memory import Memory
from jepa_ros.memory.scout import VIEWS, Scout
from jepa_ros.memory.trail import FASTEST
from jepa_ros.planning import LatentGoal, Moment, Outcome, Patience, Plan, Planner, Pursuit, Step
from jepa_ros.planning.caution import SURE

COVERAGE = 0.95  # that is enough, as a rule
WORTH = 2.0  # steps that must lead to something new for it to be worth going there
THERE = 2.0  # tolerances from a place at which the robot has come back to it
LATELY = 3  # periods in which a robot gets half of the way that was predicted, unless something stands in it
DETOUR = 3.0  # times as long as straight, a way that memory does not know is taken to be
STUCK, SURPRISED, LONGEST = 10, 5, 100  # periods without progress, of surprise, in all, in which no way back is found

VENTURING, RETURNING, LOOKING = "venturing", "returning", "looking about"


class _Stretch(NamedTuple):
    """What was seen (N, D) when a plan was made."""

    seen: Tensor
    plan: Plan


class Exploration:
    """Leads a robot to what its memory does not hold, one ``step`` per control period.

    It *ventures* to where the model foresees most that is new, as :class:`Scout` says, and tells what stands in the
    way by that the robot does not get where it was predicted to. Where nothing new is within reach, it *returns* to a
    remembered place from which something is, most of it for the time that it takes. What is seen on the way somebody
    else must put into the memory. Times are any steady clock's seconds.

    Source: A. Ecoffet et al., "First return, then explore", 2021; B. Yamauchi, "A frontier-based approach for
    autonomous exploration", 1997; prediction errors as in R. Sekar et al., "Planning to explore via self-supervised
    world models", 2020.

    Args:
        memory: what shall be filled; its model foresees.
        planner: plans the ways back; its limits and horizon are those of ventures too.
        coverage: ends when this share of all that is foreseen from remembered places is known, in (0, 1].
        timeout: seconds after which it ends anyway.
        now: the time by the steady clock.
        seed: of all that is random.

    Raises:
        ValueError: an action has no range.
    """

    def __init__(
        self, memory: Memory, planner: Planner, coverage: float, timeout: float, now: float, seed: int = 0
    ) -> None:
        self.scout = Scout(memory, planner.limits, planner.horizon, seed)
        self._memory, self._model, self._planner = memory, memory.model, planner
        self._wanted, self._ends = coverage, now + timeout
        self._return: Pursuit | None = None
        self._plan: Plan | None = None
        block = self._model.architecture.action_block
        self._ahead = -(-LATELY // block)
        self._lately: deque[_Stretch] = deque(maxlen=self._ahead * block)

    @property
    def coverage(self) -> float:
        """The share of what is foreseen from remembered places that is known, in [0, 1]."""
        return self.scout.coverage

    @torch.inference_mode()
    def step(self, moment: Moment) -> Step:
        """Judge what is seen, and lead on from where the robot is when its command leaves."""
        seen = self._model.context(moment.latent)[0, -1]
        if not len(self._memory):  # what is seen first is still on its way there
            return self._step(LOOKING)
        self.scout.judge(self._memory.locate(seen)[0].node, moment.p_value < SURE)
        self.scout.look_about()
        outcome = self._outcome(moment.now)
        if outcome is not None:
            return self._step(outcome.value, outcome=outcome)
        if self._return is not None:
            step = self._return.step(moment)
            if step.outcome is None:
                return self._step(RETURNING, step.plan)
            self._turn(None)
        return self._venture(moment, seen)

    def _outcome(self, now: float) -> Outcome | None:
        if len(self.scout.views) == VIEWS and self.coverage >= self._wanted:
            return Outcome.ARRIVED
        return Outcome.TIMED_OUT if now >= self._ends else None

    def _venture(self, moment: Moment, seen: Tensor) -> Step:
        """On to what is new, or a turn back where nothing is."""
        if self._obstructed(seen):
            self.scout.give_up(seen, self._plan.prediction)
            self._turn(None)
        plan = self.scout.venture(self._model.context(moment.start), moment.present, self._plan)
        if -plan.cost >= WORTH:
            self._plan = plan
            self._lately.append(_Stretch(seen, plan))
            return self._step(VENTURING, plan)
        self._turn(self._way_back(moment.now, seen))
        return self._step(LOOKING, plan)

    def _obstructed(self, seen: Tensor) -> bool:
        """Whether the robot has got less than half the way to where it was lately predicted to be by now."""
        if len(self._lately) < self._lately.maxlen:
            return False
        was, plan = self._lately[0]
        there = plan.prediction[self._ahead - 1]
        return float(self._model.distance(seen, there)) > 0.5 * float(self._model.distance(was, there))

    def _turn(self, pursuit: Pursuit | None) -> None:
        """Return by this pursuit, or venture anew."""
        self._return, self._plan = pursuit, None
        self._lately.clear()

    def _way_back(self, now: float, seen: Tensor) -> Pursuit | None:
        """A pursuit of the place that is worth it most; None where none is, and finer differences count from now on."""
        place = self._place(seen)
        if place is None:
            self.scout.look_closer()
            return None
        period = self._model.contract.period
        patience = Patience(0.0, LONGEST * period, STUCK * period, surprise=SURPRISED * period, recoveries=0)
        goal = LatentGoal(self._model, self._memory.latent(place).to(seen))
        tolerance = THERE * self._model.calibration.tolerance
        return Pursuit(self._model, self._planner, goal, tolerance, patience, now, MemoryGuide(self._memory, goal))

    def _place(self, seen: Tensor) -> int | None:
        """The place from which most is new for the time that it takes to get there, of those looked at of late."""
        views = list(self.scout.views)
        worths = np.array([view.new for view in views]) / (self._periods([view.node for view in views], seen) + 1.0)
        for index in np.argsort(-worths).tolist():
            view = views[index]
            if view.best >= WORTH and self.scout.look(view.node).best >= WORTH:
                return view.node
        return None

    def _periods(self, nodes: list[int], seen: Tensor) -> np.ndarray:
        """About how many control periods (K,) it takes to get to places, most of the ways taken to lead both ways."""
        back = self._memory.to_go(self._memory.locate(seen)[0].node)[nodes]
        latents = self._memory.latents[nodes].unflatten(1, seen.shape).to(seen)
        straight = self._model.distance(latents, seen).cpu().numpy() / (FASTEST * self._model.calibration.tolerance)
        return np.where(np.isfinite(back), back, DETOUR * straight) + self._planner.horizon

    def _step(self, phase: str, plan: Plan | None = None, outcome: Outcome | None = None) -> Step:
        missing = max(self._wanted - self.coverage, 0.0)
        return Step(missing, min(self.coverage / self._wanted, 1.0), phase, plan, outcome)
