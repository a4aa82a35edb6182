"""Learn to predict: the training loop of a world model."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from jepa_ros.data.episodes import Episode
from jepa_ros.training.perception import perceive
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.terms import Terms, usual_terms
from jepa_ros.training.windows import WindowSampler
from jepa_ros.world_model import WorldModel


class TrainingError(Exception):
    """Training can't go on. The message says why and what to change."""


@dataclass(frozen=True)
class Progress:
    """Where training stands: steps done of all, the unweighted loss terms, seconds left."""

    step: int
    steps: int
    terms: dict[str, float]
    seconds_left: float


class Trainer:
    """Trains ``model`` in place on episodes. Deterministic for one recipe, one machine and one thread count.

    ``terms`` gives the modules of the loss by the names of ``Weights``.
    """

    def __init__(self, model: WorldModel, episodes: Sequence[Episode], recipe: Recipe, terms: Terms = usual_terms):
        self.model, self.recipe = model, recipe
        self.sampler = WindowSampler(episodes, recipe.frames, model.device, recipe.seed)
        self.terms = terms(model, recipe).to(model.device)
        parameters = [*model.parameters(), *self.terms.parameters()]
        self.optimiser = torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, recipe.learning_rate, total_steps=recipe.steps + 1, pct_start=0.05
        )

    def run(self, on_progress: Callable[[Progress], None] = lambda progress: None, every: int = 20) -> None:
        """Train to the recipe's end, reporting every few steps. Raises TrainingError when the loss is no number."""
        torch.manual_seed(self.recipe.seed)
        self.model.train().requires_grad_(True)
        begin = time.monotonic()
        for step in range(1, self.recipe.steps + 1):
            terms = self.step()
            if step % every == 0 or step == self.recipe.steps:
                values = {name: float(term) for name, term in terms.items()}
                self._check(values, step)
                left = (time.monotonic() - begin) / step * (self.recipe.steps - step)
                on_progress(Progress(step, self.recipe.steps, values, left))
        self.model.eval().requires_grad_(False)

    def step(self) -> dict[str, Tensor]:
        """One update on one batch; returns its loss terms, unweighted."""
        batch = perceive(self.model, self.sampler.draw(self.recipe.batch), self.recipe)
        terms = {name: term(batch) for name, term in self.terms.items()}
        loss = sum(getattr(self.recipe.weights, name) * term for name, term in terms.items())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_norm)
        self.optimiser.step()
        self.schedule.step()
        return {name: term.detach() for name, term in terms.items()}

    @staticmethod
    def _check(terms: dict[str, float], step: int) -> None:
        bad = [name for name, value in terms.items() if not math.isfinite(value)]
        if bad:
            raise TrainingError(
                f"step {step}: the {bad[0]} loss is not a finite number; lower learning_rate, or look for "
                "outliers in the recorded state and actions with `inspect`"
            )
