"""Learn to predict: the training loop of a world model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from jepa_ros.data.episodes import Episode
from jepa_ros.training.chance import Chance
from jepa_ros.training.checkpoint import Checkpoint, Checkpoints, Identity
from jepa_ros.training.collapse import covariance
from jepa_ros.training.failures import Interrupted, check, check_weights, explained
from jepa_ros.training.feed import Feed
from jepa_ros.training.group import ALONE, Group
from jepa_ros.training.interruption import Interruption
from jepa_ros.training.learner import Learner
from jepa_ros.training.losses import Sequences
from jepa_ros.training.measures import Progress, action_sensitivity, effective_rank
from jepa_ros.training.recipe import Recipe
from jepa_ros.training.terms import Terms, usual_terms
from jepa_ros.training.windows import Windows, WindowSampler, window_frames
from jepa_ros.world_model import WorldModel

REPORT_EVERY = 25  # steps


class Trainer:
    """Trains ``model`` in place on episodes. Deterministic for one recipe, one machine and one thread count.

    ``terms`` gives the modules of the loss by the names of ``Weights``.

    All processes of a ``group`` make the same updates, each after encoding its part of the batch. With ``checkpoints``,
    training goes on where it was left, and the first process keeps its state there. ``step`` counts the steps done,
    ``cpu`` the CPU seconds of this process that went into them.

    Raises ValueError where no episode is long enough for a window, TrainingError where ``checkpoints`` are of another
    training.
    """

    def __init__(
        self,
        model: WorldModel,
        episodes: Sequence[Episode],
        recipe: Recipe,
        terms: Terms = usual_terms,
        group: Group = ALONE,
        checkpoints: Checkpoints | None = None,
    ):
        self.model, self.recipe, self.group, self.checkpoints = model, recipe, group, checkpoints
        design = model.architecture
        frames = window_frames(design, recipe.frames)
        self.sampler = WindowSampler(episodes, frames, torch.device("cpu"), block=design.action_block)
        self.learner = Learner(model, recipe, terms, group)
        self.identity = Identity.of(model, episodes, recipe)
        self.step, self.cpu = 0, 0.0
        if checkpoints is not None:
            self._resume(checkpoints.read(self.identity))

    def run(self, on_progress: Callable[[Progress], None] = lambda progress: None, every: int = REPORT_EVERY) -> None:
        """Train to the recipe's end, reporting every few steps.

        Raises TrainingError where training fails, Interrupted where the process is asked to stop.
        """
        steps = range(self.step + 1, self.recipe.steps + 1)
        with (
            explained(self._kept),
            Interruption() as interruption,
            Feed(self._prepare, steps, self.model.device) as feed,
        ):
            clock = _Clock(self, feed)
            for step in steps:
                stop, save = self.group.any(interruption.asked, self.checkpoints is not None and self.checkpoints.due)
                last = step == self.recipe.steps
                look = on_progress if stop or save or last or step % every == 0 else None
                self._advance(feed.take(), step, clock, look)
                if stop or save or last:
                    self._save()
                if stop:
                    raise Interrupted(f"stopped after step {step} of {self.recipe.steps}. {self._kept()}")
        self.model.eval().requires_grad_(False)

    def _prepare(self, step: int) -> Windows:
        return self.sampler.take(self._chance(step).indices(len(self.sampler), self.recipe.batch))

    def _chance(self, step: int) -> Chance:
        return Chance(self.recipe.seed, step, self.group)

    def _advance(
        self, windows: Windows, step: int, clock: _Clock, on_progress: Callable[[Progress], None] | None
    ) -> None:
        """One update; with ``on_progress``, after a look at what it starts from."""
        batch = self.learner.perceive(windows, self._chance(step))
        terms = self.learner.losses(batch)
        if on_progress is not None:
            idle = self.learner.perceive_idle(windows, self._chance(step))
            now = self._progress(step, batch, idle, terms, clock)
            check(now)
            on_progress(now)
        self.learner.update(self.learner.total(terms), step)
        self.step, self.cpu = step, clock.cpu()

    @torch.no_grad()
    def _progress(
        self, step: int, batch: Sequences, idle: Sequences, terms: dict[str, Tensor], clock: _Clock
    ) -> Progress:
        spread = covariance(batch.context, self.group)
        means = {name: self.group.mean(term) for name, term in terms.items()}
        return Progress(
            step=step,
            steps=self.recipe.steps,
            terms={name: float(term) for name, term in means.items()},
            loss=float(self.learner.total(means)),
            effective_rank=effective_rank(spread),
            spread=float(spread.diagonal().sqrt().mean()),
            action_sensitivity=action_sensitivity(batch, idle, self.group),
            data_wait=clock.data_wait(),
            seconds_left=clock.seconds_left(step),
        )

    def _resume(self, checkpoint: Checkpoint | None) -> None:
        if checkpoint is not None:
            self.learner.restore(checkpoint.tensors)
            self.step, self.cpu = checkpoint.step, checkpoint.cpu

    def _save(self) -> None:
        state = self.learner.state()
        check_weights(state, self.step)
        if self.checkpoints is not None and self.group.rank == 0:
            self.checkpoints.write(Checkpoint(self.step, self.cpu, state), self.identity)

    def _kept(self) -> str:
        return self.checkpoints.kept() if self.checkpoints is not None else "Nothing of it is kept"


class _Clock:
    """The times of one run of a trainer."""

    def __init__(self, trainer: Trainer, feed: Feed):
        self._feed = feed
        self._before, self._steps, self._left = trainer.cpu, trainer.step, trainer.recipe.steps
        self._begin, self._cpu = time.monotonic(), time.process_time()

    def cpu(self) -> float:
        """CPU seconds of this training so far, those of earlier runs included."""
        return self._before + time.process_time() - self._cpu

    def data_wait(self) -> float:
        """Share of this run's time that went into waiting for batches."""
        return self._feed.waited / max(time.monotonic() - self._begin, 1e-9)

    def seconds_left(self, step: int) -> float:
        """How long the steps after ``step`` will take at the pace of this run."""
        return (time.monotonic() - self._begin) / (step - self._steps) * (self._left - step)
