"""Search for the actions whose predicted future ends at the goal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from copy import copy
from itertools import islice

import torch
from torch import Tensor

from jepa_ros.contract import Contract, Limits, slowed
from jepa_ros.planning.as_proposed import AsProposed
from jepa_ros.planning.costs import Cost, RunningDistance
from jepa_ros.planning.deadline import Deadline
from jepa_ros.planning.gauss_newton import GaussNewton
from jepa_ros.planning.goals import Goal, as_goal
from jepa_ros.planning.optimiser import Optimiser, better
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.problem import Problem
from jepa_ros.planning.rollout import Present
from jepa_ros.world_model import WorldModel
from jepa_ros.world_model.graphs import Graphs


class Planner:
    """Plans in latent space under a robot's limits, over a receding horizon.

    ``spread`` is the standard deviation that a search begins with, as a share of half of each action's range: with 1,
    many candidates would ask for more than is allowed and become the same. ``engine`` says how candidates' futures are
    computed, see :mod:`jepa_ros.world_model.engine`; plans raise ValueError for one that there is not.
    """

    def __init__(
        self,
        limits: Limits,
        horizon: int = 8,
        search: Optimiser = GaussNewton(),
        cost: Cost = RunningDistance(),
        seed: int = 0,
        spread: float = 0.5,
        engine: str = "auto",
    ):
        self.limits, self.horizon, self.search, self.cost = limits, horizon, search, cost
        self.seed, self.spread, self.engine = seed, spread, engine
        self.iterations = search.iterations
        self._replayed = Graphs(limits.project)

    def wider(self) -> Planner:
        """A planner that looks further around for longer, by another chance: where this one has led nowhere."""
        other = copy(self)
        other.spread, other.iterations, other.seed = 2 * self.spread, 2 * self.iterations, self.seed + 1
        return other

    def slower(self, contract: Contract, share: float) -> Planner:
        """A planner for a contract's robot at a share in (0, 1] of the speed that this one goes at."""
        other = copy(self)
        other.limits = slowed(contract, share, self.limits)
        other._replayed = other.limits.project  # to record a graph takes longer than a few plans save by it
        return other

    def plan(
        self,
        model: WorldModel,
        latent: Tensor,
        goal: Goal | Tensor,
        present: Present,
        warm_start: Plan | None = None,
    ) -> Plan:
        """The best plan after the search's usual number of iterations; see ``refine``."""
        problem = self._problem(model, latent, goal, present)
        *_, found = islice(self._search(problem, warm_start), self.iterations)
        return problem.plan(*found, self.iterations)

    def plan_within(
        self, model: WorldModel, latent: Tensor, goal: Goal | Tensor, present: Present, seconds: float
    ) -> Iterator[Plan]:
        """Better and better plans until the time is used up; at least one.

        Ends early rather than late: no iteration begins that would take too long if it took as long as the slowest of
        the last few (what the caller does between two plans counts as well), and one for which there is no time tries
        fewer candidates.
        """
        began = time.monotonic()
        deadline = began + seconds
        lately: deque[float] = deque(maxlen=3)
        problem = self._problem(model, latent, goal, present, Deadline(deadline))
        for plan in self._refine(problem):
            yield plan
            now = time.monotonic()
            lately.append(now - began)
            began = now
            if now + max(lately) > deadline:
                return

    def refine(
        self,
        model: WorldModel,
        latent: Tensor,
        goal: Goal | Tensor,
        present: Present,
        warm_start: Plan | None = None,
    ) -> Iterator[Plan]:
        """Plan from a latent to a goal; yields a plan per iteration, each at least as good.

        ``latent`` is that of now (1, N, D), or a context with the past (1, K, N, D) for a model that looks back. A
        goal latent (N, D) stands for the goal to perceive that.
        ``warm_start`` is the plan of one period ago: the search begins with what is left of it. Raises ValueError where
        the horizon is no whole number of the model's steps.
        """
        yield from self._refine(self._problem(model, latent, goal, present), warm_start)

    def _refine(self, problem: Problem, warm_start: Plan | None = None) -> Iterator[Plan]:
        for iteration, found in enumerate(self._search(problem, warm_start), start=1):
            yield problem.plan(*found, iteration)

    def _problem(
        self,
        model: WorldModel,
        latent: Tensor,
        goal: Goal | Tensor,
        present: Present,
        deadline: Deadline = Deadline(),
    ) -> Problem:
        model.architecture.steps(self.horizon)
        limits, replayed = self.limits, self._replayed
        return Problem(model, latent, as_goal(model, goal), present, limits, self.cost, self.engine, replayed, deadline)

    @torch.inference_mode()
    def _search(self, problem: Problem, warm_start: Plan | None) -> Iterator[tuple[Tensor, Tensor]]:
        mean = self._start(problem, warm_start)
        deviation = (self.spread * problem.unit).expand_as(mean)
        generator = torch.Generator(device=mean.device).manual_seed(self.seed)
        yield from self.search.search(mean, deviation, problem, generator)

    def _start(self, problem: Problem, warm_start: Plan | None) -> Tensor:
        """The rest of the last plan, or going on as now; or what the model proposes (H, A), where that is better.

        A search that has a plan to go on from gains nothing by a proposal, which takes half as long as the search.
        """
        if warm_start is None:
            rest = problem.present.command.expand(self.horizon, -1)
        else:
            rest = torch.cat([warm_start.actions[1:], warm_start.actions[-1:]])
            if not isinstance(self.search, AsProposed):
                return rest
        proposals = problem.proposals(self.horizon)
        if proposals is None:
            return rest
        starts = problem.legal(torch.cat([rest.unsqueeze(0), proposals]))
        return better(None, starts, problem.score(starts))[0]
