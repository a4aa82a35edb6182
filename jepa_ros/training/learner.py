"""One update of a world model from one batch."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from jepa_ros.training import collapse
from jepa_ros.training.chance import Chance
from jepa_ros.training.device import likes_bf16
from jepa_ros.training.failures import TrainingError
from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.losses import Sequences
from jepa_ros.training.perception import perceive
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.schedule import one_cycle
from jepa_ros.training.terms import Terms, usual_terms
from jepa_ros.training.windows import Windows
from jepa_ros.world_model import WorldModel

MOMENTS = "optimiser."  # what the names of the optimiser's own tensors begin with


class Learner(nn.Module):
    """A world model with all that changes while it learns: the loss terms' heads, the EMA teacher, the optimiser."""

    def __init__(self, model: WorldModel, recipe: Recipe, terms: Terms = usual_terms, group: Group = ALONE):
        super().__init__()
        torch.manual_seed(recipe.seed)
        self.recipe, self.group = recipe, group
        self.model = model.train().requires_grad_(True)
        self.terms = terms(model, recipe, group)
        self.teacher = collapse.Teacher(model.encoder, recipe.teacher_momentum) if recipe.collapse == "ema" else None
        self.to(model.device)
        self.learnt = [parameter for parameter in self.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(self.learnt, weight_decay=recipe.weight_decay, fused=True)
        self.half = recipe.precision == "bf16" or (recipe.precision == "auto" and likes_bf16(model.device))

    def perceive(self, windows: Windows, chance: Chance) -> Sequences:
        """Encode and predict this process's part of the batch."""
        chance.begin()
        with torch.autocast(self.model.device.type, torch.bfloat16, enabled=self.half):
            batch = perceive(self.model, windows, self.recipe, chance, self.teacher and self.teacher.encoder)
        return replace(batch, predicted=batch.predicted.float())

    @torch.no_grad()
    def perceive_idle(self, windows: Windows, chance: Chance) -> Sequences:
        """The same, had the robot been sent commands of zero."""
        return self.perceive(replace(windows, actions=torch.zeros_like(windows.actions)), chance)

    def losses(self, batch: Sequences) -> dict[str, Tensor]:
        """The unweighted loss terms () of this process's part; those of a batch's statistics see the global batch."""
        return {name: term(batch) for name, term in self.terms.items()}

    def total(self, terms: dict[str, Tensor]) -> Tensor:
        """The loss (): the terms by their weights."""
        return sum(getattr(self.recipe.weights, name) * term for name, term in terms.items())

    def update(self, loss: Tensor, step: int) -> None:
        """Step number ``step`` (from 1) down the loss."""
        rate, momentum = one_cycle(step, self.recipe.steps, self.recipe.learning_rate)
        for settings in self.optimiser.param_groups:
            settings.update(lr=rate, betas=(momentum, settings["betas"][1]))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.group.average_gradients(self.learnt)
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_norm)
        self.optimiser.step()
        if self.teacher is not None:
            self.teacher.follow(self.model.encoder)

    def state(self) -> dict[str, Tensor]:
        """Every tensor that learning goes on from, by name."""
        moments = {
            f"{MOMENTS}{name}.{moment}": value
            for name, parameter in self.named_parameters()
            for moment, value in self.optimiser.state.get(parameter, {}).items()
        }
        return {**self.state_dict(), **moments}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Take up what ``state`` gave. Raises TrainingError where it lacks something, having other loss terms."""
        own = self.state_dict().keys()
        missing = [name for name in own if name not in state]
        if missing:
            raise TrainingError(f"the checkpoint has no {missing[0]}; begin anew with --resume anew")
        self.load_state_dict({name: state[name] for name in own})
        for name, parameter in self.named_parameters():
            for moment in ("step", "exp_avg", "exp_avg_sq"):
                if (value := state.get(f"{MOMENTS}{name}.{moment}")) is not None:
                    self.optimiser.state[parameter][moment] = value.to(parameter.device)
