"""One planning problem: what is legal, what follows from it, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Limits, period_means
from jepa_ros.planning.costs import Cost
from jepa_ros.planning.deadline import Deadline
from jepa_ros.planning.goals import Goal
from jepa_ros.planning.optimiser import Outlook
from jepa_ros.planning.plan import Plan
from jepa_ros.planning.rollout import Present, Rollout, follow
from jepa_ros.world_model import WorldModel

NUDGE = 0.01  # of a distance, to see how a cost grows with it
SHARE_OF_LIMITS = 0.1  # of the time that is left, for making candidates legal: to predict takes ten times as long
SHARE_BEFORE_SLOPES = 0.25  # of it, for what slopes are worked out of afterwards: that takes more than twice as long


class Problem:
    """From a latent to a goal, moving as at ``present``, under limits, at least cost.

    ``latent`` is that of now, or a context with the past, as ``WorldModel.predict`` takes them. ``engine`` predicts
    what comes of candidates, in half the digits where they are only compared; what a plan says is computed plainly.
    ``replayed`` is the limits' projection as a GPU does it. ``unit`` (A,) is half of each action's range, 1 where it
    has none. What there is no time for until the ``deadline`` is left out.
    """

    def __init__(
        self,
        model: WorldModel,
        latent: Tensor,
        goal: Goal,
        present: Present,
        limits: Limits,
        cost: Cost,
        engine: str,
        replayed: Callable[..., Tensor],
        deadline: Deadline,
    ) -> None:
        self.model, self.goal, self.limits, self.cost, self.replayed = model, goal, limits, cost, replayed
        self.deadline = deadline
        self.quick_model, self.exact_model = model.by_engine(engine), model.exactly_by_engine(engine)
        self.step = model.architecture.action_block
        half = (limits.high - limits.low) / 2
        # No gradient passes through a tensor that was born in inference mode; a copy made outside of it is like any.
        with torch.inference_mode(False):
            self.context = model.context(latent).clone()
            self.present = Present(present.command.clone(), present.state.clone())
            self.unit = torch.tensor(np.where(np.isfinite(half), half, 1.0)).to(present.command)
            self.ramped = torch.tensor(model.contract.ramped, device=present.command.device)

    def legal(self, candidates: Tensor) -> Tensor:
        """The nearest actions (B', H, A) that the robot may be sent, of as many candidates as there is time for."""
        return self.deadline.spend(candidates, self._project, SHARE_OF_LIMITS)

    def _project(self, candidates: Tensor) -> Tensor:
        now = self.present.command, self.present.state
        if candidates.device.type == "cuda":
            return self.replayed(candidates, *now)
        if candidates.device.type != "cpu":
            return self.limits.project(candidates, *now)
        # Many small operations, each of which costs NumPy half of what it costs torch, with the same result.
        return torch.from_numpy(self.limits.project(candidates.numpy(), *(value.numpy() for value in now)))

    def proposals(self, horizon: int) -> Tensor | None:
        """What the model would do to get there (M, H, A), not yet legal; None where it can't say."""
        if self.model.proposer is None or self.goal.whole is None:
            return None
        proposed = self.model.propose(self.context[0, -1], self.goal.whole)[:, :horizon]
        rest = proposed[:, -1:].expand(-1, horizon - proposed.shape[1], -1)
        return torch.cat([proposed, rest], dim=1)

    def roll_out(self, candidates: Tensor, model: WorldModel) -> Rollout:
        """What legal actions (B, H, A) lead to, as a model predicts it of as many as there is time for."""
        means = period_means(self.ramped, candidates, self.present.command)
        share = SHARE_BEFORE_SLOPES if torch.is_grad_enabled() else 1.0
        future = self.deadline.spend(means, lambda part: model.predict(self._context_of(part), part), share)
        candidates = candidates[: len(future)]
        states = partial(self.states, future)
        distances = self.goal.distance(future, lambda: states(candidates)[:, self.step - 1 :: self.step])
        return Rollout(candidates, future, distances, self.present, self.unit, states, self.model.strangeness)

    def _context_of(self, candidates: Tensor) -> Tensor:
        return self.context.expand(len(candidates), -1, -1, -1)

    def score(self, candidates: Tensor) -> Tensor:
        """The costs (B,) of legal actions (B, H, A); infinite where there is none, or no time for it."""
        return _known(self.cost(self.roll_out(candidates, self.quick_model)), len(candidates))

    def outlook(self, candidates: Tensor) -> Outlook:
        """What comes of legal actions (B, H, A), predicted with all digits whatever the engine."""
        rollout = self.roll_out(candidates, self.exact_model)
        misses = self.goal.miss(rollout.prediction, lambda: rollout.states[:, self.step - 1 :: self.step])
        missing = torch.zeros(len(candidates) - len(misses), *misses.shape[1:], device=misses.device)
        costs = _known(self.cost(rollout), len(candidates))
        return Outlook(costs, torch.cat([misses, missing]), partial(self._slopes, rollout))

    def _slopes(self, rollout: Rollout, index: Tensor) -> Tensor:
        """How the cost of the candidate of this number (1,) grows with each of its distances (T,)."""
        steps = rollout.distances.shape[1]
        nudges = torch.eye(steps + 1, steps, device=rollout.distances.device).roll(1, dims=0)
        costs = self.cost(
            replace(
                rollout,
                actions=rollout.actions[index].expand(steps + 1, -1, -1),
                prediction=rollout.prediction[index].expand(steps + 1, -1, -1, -1),
                distances=rollout.distances[index] + NUDGE * nudges,
                forecast=lambda actions: rollout.states[index].expand(len(actions), -1, -1),
            )
        )
        return ((costs[1:] - costs[0]) / NUDGE).nan_to_num(0.0).clamp(min=0.0)

    def states(self, future: Tensor, actions: Tensor) -> Tensor:
        """The states (B, H, S) along predicted latents (B, H/k, N, D), which actions (B, H, A) lead to.

        What the contract says that commands move follows from them. All else has moved, since the state was measured,
        as far as its readout from the latents has.
        """
        read = self.model.readout
        moved = read(future) - read(self.context[:, -1:])
        states = self.present.state + moved.repeat_interleave(self.step, dim=1)
        commanded = follow(self.model.contract.command.kind, self.limits, actions, self.present)
        return torch.where(commanded.isnan(), states, commanded)

    @torch.inference_mode()
    def plan(self, actions: Tensor, cost: Tensor, iteration: int) -> Plan:
        """Legal actions (H, A) with all there is to know about them."""
        rollout = self.roll_out(actions.unsqueeze(0), self.model)
        start_distance = float(self.goal.distance(self.context[0, -1], lambda: self.present.state))
        return Plan(actions, rollout.prediction[0], rollout.distances[0], start_distance, float(cost), iteration)


def _known(costs: Tensor, count: int) -> Tensor:
    """Costs (count,) that are numbers; no number, or none at all, means as dear as can be."""
    missing = torch.full((count - len(costs),), torch.inf, device=costs.device)
    return torch.cat([torch.where(costs.isnan(), torch.inf, costs), missing])
