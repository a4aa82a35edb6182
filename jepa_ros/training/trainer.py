"""Learn to predict: the training loop of a world model."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from jepa_ros.data.episodes import Episode
from jepa_ros.training import losses
from jepa_ros.training.augmentation import jitter
from jepa_ros.training.losses import Sequences
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.windows import Windows, WindowSampler
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
    """Trains ``model`` in place on episodes. Deterministic for one recipe, one machine and one thread count."""

    def __init__(self, model: WorldModel, episodes: Sequence[Episode], recipe: Recipe):
        self.model, self.recipe = model, recipe
        self.sampler = WindowSampler(episodes, recipe.frames, model.device, recipe.seed)
        self.terms = _terms(model, recipe).to(model.device)
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
        batch = self.encode(self.sampler.draw(self.recipe.batch))
        terms = {name: term(batch) for name, term in self.terms.items()}
        loss = sum(getattr(self.recipe.weights, name) * term for name, term in terms.items())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_norm)
        self.optimiser.step()
        self.schedule.step()
        return {name: term.detach() for name, term in terms.items()}

    def encode(self, windows: Windows) -> Sequences:
        """Encode every frame twice, with different senses, and roll the predictor out from the first."""
        state = self.model.normalise_state(windows.state)
        seen = self._see(windows.images)
        context, target = self._perceive(seen, state), self._perceive(seen, state)
        predicted = self.model.predict(context[:, 0].unsqueeze(1), windows.actions).squeeze(2)
        return Sequences(context, target, predicted, windows.actions / self.model.action_scale, state)

    def _see(self, images: dict[str, Tensor]) -> Tensor | None:
        """Features (B, T, width) of the images under random light; None for a machine without a camera."""
        if not images:
            return None
        lit = {camera: jitter(image, self.recipe.jitter) for camera, image in images.items()}
        shape = next(iter(lit.values())).shape[:2]
        features = self.model.encoder.see({camera: image.flatten(0, 1) for camera, image in lit.items()})
        return features.unflatten(0, shape)

    def _perceive(self, seen: Tensor | None, state: Tensor) -> Tensor:
        """Latents (B, T, D) of whole sequences, some of them without their images, others without their state."""
        encoder = self.model.encoder
        if seen is None:
            return encoder.join(encoder.unseen, state).squeeze(-2)
        lot = torch.rand(len(state), 1, 1, device=state.device)
        felt = torch.where(lot < self.recipe.unfelt, torch.nan, state)
        seen = torch.where(lot > 1 - self.recipe.unseen, encoder.unseen, seen)
        return encoder.join(seen, felt).squeeze(-2)

    @staticmethod
    def _check(terms: dict[str, float], step: int) -> None:
        bad = [name for name, value in terms.items() if not math.isfinite(value)]
        if bad:
            raise TrainingError(
                f"step {step}: the {bad[0]} loss is not a finite number; lower learning_rate, or look for "
                "outliers in the recorded state and actions with `inspect`"
            )


def _terms(model: WorldModel, recipe: Recipe) -> nn.ModuleDict:
    """The loss terms that this recipe weighs and this robot has data for, by the names of ``Weights``."""
    architecture = model.architecture
    terms: dict[str, nn.Module] = {
        "prediction": losses.Prediction(),
        "agreement": losses.Agreement(),
        "sigreg": losses.SIGReg(),
        "inverse_dynamics": losses.InverseDynamics(architecture),
        "temporal_similarity": losses.TemporalSimilarity(),
    }
    if architecture.state_size:
        terms["state_readout"] = losses.StateReadout(architecture)
    return nn.ModuleDict({name: term for name, term in terms.items() if getattr(recipe.weights, name) > 0})
