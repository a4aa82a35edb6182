"""Search for the actions whose predicted future ends at the goal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Limits
from jepa_ros.planning.costs import Cost, RunningDistance
from jepa_ros.planning.cross_entropy import CrossEntropy
from jepa_ros.planning.plan import Plan
from jepa_ros.world_model import WorldModel


@dataclass(frozen=True)
class Present:
    """How the robot moves when a plan begins: the command in force (A,) and the state (S,), in contract units."""

    command: Tensor
    state: Tensor


class Planner:
    """Plans in latent space under a robot's limits, over a receding horizon."""

    def __init__(
        self,
        limits: Limits,
        horizon: int = 8,
        search: CrossEntropy = CrossEntropy(),
        cost: Cost | None = None,
        seed: int = 0,
    ):
        self.limits, self.horizon, self.search = limits, horizon, search
        self.cost = cost or RunningDistance()
        self.seed = seed

    def plan(
        self,
        model: WorldModel,
        latent: Tensor,
        goal: Tensor,
        present: Present,
        warm_start: Plan | None = None,
    ) -> Plan:
        """The best plan after the search's usual number of iterations; see ``refine``."""
        *_, plan = islice(self.refine(model, latent, goal, present, warm_start), self.search.iterations)
        return plan

    def plan_within(
        self, model: WorldModel, latent: Tensor, goal: Tensor, present: Present, seconds: float
    ) -> Iterator[Plan]:
        """Better and better plans until the time is used up; at least one."""
        deadline = time.monotonic() + seconds
        for plan in self.refine(model, latent, goal, present):
            yield plan
            if time.monotonic() >= deadline:
                return

    @torch.inference_mode()
    def refine(
        self,
        model: WorldModel,
        latent: Tensor,
        goal: Tensor,
        present: Present,
        warm_start: Plan | None = None,
    ) -> Iterator[Plan]:
        """Plan from a latent (1, N, D) to a goal latent (N, D); yields a plan per iteration, each at least as good.

        ``warm_start`` is the plan of one period ago: the search begins with what is left of it.
        """

        def legal(candidates: Tensor) -> Tensor:
            return self.limits.project(candidates, present.command, present.state)

        def roll_out(candidates: Tensor) -> tuple[Tensor, Tensor]:
            future = model.predict(latent.expand(len(candidates), -1, -1), candidates)
            return future, model.distance(future, goal)

        def score(candidates: Tensor) -> Tensor:
            _, distances = roll_out(candidates)
            return self.cost(distances, candidates)

        mean, deviation = self._begin(present, warm_start)
        generator = torch.Generator(device=latent.device).manual_seed(self.seed)
        start_distance = float(model.distance(latent[0], goal))
        found = self.search.search(mean, deviation, legal, score, generator)
        for iteration, (actions, cost) in enumerate(found, start=1):
            future, distances = roll_out(actions.unsqueeze(0))
            yield Plan(actions, future[0], distances[0], start_distance, float(cost), iteration)

    def _begin(self, present: Present, warm_start: Plan | None) -> tuple[Tensor, Tensor]:
        """Where the search begins (H, A): the rest of the last plan, or going on as now; as wide as is allowed."""
        half = (self.limits.high - self.limits.low) / 2
        spread = torch.tensor(np.where(np.isfinite(half), half, 1.0)).to(present.command)
        if warm_start is None:
            mean = present.command.expand(self.horizon, -1)
        else:
            mean = torch.cat([warm_start.actions[1:], warm_start.actions[-1:]])
        return mean, spread.expand_as(mean)
