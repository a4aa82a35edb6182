"""What is new within a robot's reach, and within that of the places that it remembers, as its model foresees it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from jepa_ros.contract import Limits
from jepa_ros.memory.foreseen import foreseen
from jepa_ros.memory.memory import Memory
from jepa_ros.planning import Plan, Present

MOTIONS, FEWER = 48, 8  # that are foreseen from where the robot is, and from a remembered place
TURN = 0.5  # share of the motions that change once, halfway
GOING_ON = 0.5  # of a step: how much better another motion must be than to go on with the last one
ABOUT = 1024  # remembered places that are compared with what is foreseen: as many as a horizon may lead to
AT_ONCE = 4  # places that are looked at in a step
VIEWS = 128  # that count, the newest
COARSE, FINE = 3.0, 1.7  # tolerances from all that is known, beyond which something is new: at first, and at last
ENOUGH = 0.9  # coverage from which on finer differences count
JUDGED = 2.0  # tolerances from all that is known, up to which something counts as covered
VAIN = 256  # places tried in vain that count, the newest
LASTING = 3  # errors in a row at a place from which on looking again does not help


class View(NamedTuple):
    """A remembered place: ``new`` is how many steps of a motion from there lead to something new, on average.

    ``best`` is that of the best motion, ``known`` the share of what is foreseen that is covered.
    """

    node: int
    new: float
    best: float
    known: float


class Scout:
    """Foresees motions by the dozen, and says what of it is new.

    New is what is farther than ``fineness`` tolerances from every place that is remembered and where the world last did
    as predicted. What was tried in vain is not new, nor is anything beyond it, for as long as it is among the newest
    ``VAIN`` of that kind.

    Args:
        memory: what is known; its model foresees.
        limits: of the robot; every action needs a range.
        horizon: actions of a motion.
        seed: of the motions, and of which places are looked at.

    Raises:
        ValueError: an action has no range.
    """

    def __init__(self, memory: Memory, limits: Limits, horizon: int, seed: int = 0):
        if not (np.isfinite(limits.low) & np.isfinite(limits.high)).all():
            raise ValueError("exploring needs limits with min and max for every action")
        self.fineness = COARSE
        self.views: deque[View] = deque(maxlen=VIEWS)
        self._memory, self._model, self._limits, self._horizon = memory, memory.model, limits, horizon
        self._random = np.random.default_rng(seed)
        self._vain: deque[Tensor] = deque(maxlen=VAIN)
        self._errors: dict[int, int] = {}

    @property
    def coverage(self) -> float:
        """The share of what is foreseen from remembered places that is known, or was tried in vain; 0 at first."""
        return sum(view.known for view in self.views) / VIEWS

    def venture(self, context: Tensor, present: Present, last: Plan | None) -> Plan:
        """The motion that leads to most that is new from a context (1, K, N, D); its cost is minus so many steps.

        ``last`` is the plan of a period ago, which it may go on with.
        """
        command, state = present.command.cpu().numpy(), present.state.cpu().numpy()
        wanted = self._motions(MOTIONS)
        if last is not None:
            wanted[0] = torch.cat([last.actions[1:], last.actions[-1:]]).cpu().numpy()
        actions, future = self._foresee(context, wanted, command, state)
        apart, reached = self._apart(future, context[0, -1])
        new = self._new(apart, reached)
        preferred = new.clone()
        preferred[0] += GOING_ON if last is not None else 0.0
        best = int(preferred.argmax())
        return Plan(actions[best], future[best], apart[best], 0.0, -float(new[best]), 1)

    def look_about(self) -> None:
        """Look at some more remembered places, those visited least the likeliest."""
        nodes = np.flatnonzero(self._memory.visits > 0)
        shares = 1.0 / self._memory.visits[nodes]
        for node in self._random.choice(nodes, AT_ONCE, p=shares / shares.sum()).tolist():
            self.views.append(self.look(node))
        if self.coverage >= ENOUGH:
            self.look_closer()

    def look_closer(self) -> None:
        """Let finer differences count from now on."""
        self.fineness = FINE

    def look(self, node: int) -> View:
        """What is new within reach of a remembered place."""
        latent, state = self._memory.latent(node).to(self._model.device), self._memory.states[node]
        rest = np.zeros(len(self._limits.low), np.float32)
        _, future = self._foresee(latent.unsqueeze(0), self._motions(FEWER), rest, state)
        apart, reached = self._apart(future, latent)
        new = self._new(apart, reached)
        return View(node, float(new.mean()), float(new.max()), 1.0 - float((reached & (apart > JUDGED)).float().mean()))

    def judge(self, node: int, erred: bool) -> None:
        """Whether the world did something else than predicted at a place: it is not known then, unless that lasts."""
        self._errors[node] = self._errors.get(node, 0) + 1 if erred else LASTING

    def give_up(self, seen: Tensor, prediction: Tensor) -> None:
        """The robot at a latent (N, D) does not get where it was predicted to (T, N, D): that was tried in vain."""
        ahead = self._flat(prediction)
        beyond = torch.linalg.vector_norm(ahead - self._flat(seen), dim=1) > self.fineness
        self._vain.append(ahead[int(beyond.float().argmax()) if beyond.any() else -1])

    def _motions(self, count: int) -> np.ndarray:
        """Random actions (B, H, A) at full pace in some direction, some of which change to another one halfway."""
        directions = self._random.uniform(-1.0, 1.0, (count, 2, len(self._limits.low)))
        directions /= np.abs(directions).max(axis=-1, keepdims=True)
        straight = self._random.random(count) >= TURN
        directions[straight, 1] = directions[straight, 0]
        half = np.arange(self._horizon) * 2 // self._horizon
        shares = (directions[:, half] + 1.0) / 2.0
        return (self._limits.low + shares * (self._limits.high - self._limits.low)).astype(np.float32)

    def _foresee(
        self, context: Tensor, wanted: np.ndarray, command: np.ndarray, state: np.ndarray
    ) -> tuple[Tensor, Tensor]:
        """The legal actions (B, H, A) nearest to those wanted, and the latents (B, T, N, D) that follow."""
        past = self._model.context(context).expand(len(wanted), -1, -1, -1)
        return foreseen(self._model, self._limits, past, wanted, command, state)

    def _apart(self, future: Tensor, latent: Tensor) -> tuple[Tensor, Tensor]:
        """How many tolerances latents (B, T, N, D) are from all that is known about a latent, and which are reached."""
        flat = self._flat(future)
        apart = torch.cdist(flat, self._known(latent)).amin(dim=-1)
        if not self._vain:
            return apart, torch.ones_like(apart, dtype=torch.bool)
        free = torch.cdist(flat, torch.stack(list(self._vain))).amin(dim=-1) > self.fineness
        return apart, free.cumprod(dim=1).bool()

    def _new(self, apart: Tensor, reached: Tensor) -> Tensor:
        """How many steps of each motion (B,) lead to something new, from what ``_apart`` says."""
        return (reached & (apart > self.fineness)).sum(dim=1).float()

    def _known(self, latent: Tensor) -> Tensor:
        """What is known about a latent (K, N·D): remembered places, but for those where predictions went wrong."""
        near = [place.node for place in self._memory.locate(latent, ABOUT)]
        known = [node for node in near if self._errors.get(node, LASTING) >= LASTING] or near
        return self._flat(self._memory.latents[known].unflatten(1, latent.shape).to(latent))

    def _flat(self, latents: Tensor) -> Tensor:
        """Latents (..., N, D) as vectors (..., N·D), as long as they are tolerances."""
        calibration = self._model.calibration
        return latents.flatten(-2) / (calibration.distance_scale * calibration.tolerance)
