"""A LeWM as this package's planner takes world models."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
from torch import Tensor

from benchmark.swm.lewm import Lewm
from jepa_ros.world_model.compiled import Compiled
from jepa_ros.world_model.engine import resolved, rounded


class LewmModel:
    """Predicts and measures as :class:`jepa_ros.world_model.WorldModel` does, with latents (B, 1, D)."""

    def __init__(self, weights: dict[str, Tensor], actions: int):
        self.predictor = Lewm(weights)
        self.proposer = None
        self.architecture = SimpleNamespace(steps=lambda periods: periods, action_block=1)
        self.contract = SimpleNamespace(ramped=np.zeros(actions, bool))
        self._in_bfloat16 = copy.copy(self)
        self._in_bfloat16.predictor = rounded(self.predictor)
        for block in self._in_bfloat16.predictor.predictor.transformer.layers:
            block.attn.to_q.stays = block.attn.to_kv.stays = True  # attention is as right with rounded numbers

        self._compiled = copy.copy(self._in_bfloat16)
        self._compiled.predict = Compiled(self._in_bfloat16.predict)

    def by_engine(self, engine: str) -> LewmModel:
        """The model as it predicts by an engine."""
        ways = {"bfloat16": self._in_bfloat16, "compiled": self._compiled}
        return ways.get(resolved(engine, self.predictor), self)

    def exactly_by_engine(self, engine: str) -> LewmModel:
        """The model as it predicts plainly, which is what every search gets that compares small differences."""
        return self

    def context(self, latent: Tensor) -> Tensor:
        """The newest latent (B, 1, 1, D): the predictor is not told the past."""
        return latent.unsqueeze(1)

    def predict(self, context: Tensor, actions: Tensor) -> Tensor:
        """A context (B, 1, 1, D) and actions (B, H, A) → the latents (B, H, 1, D) after each of them."""
        return self.predictor(context[:, -1, 0], actions).unsqueeze(2)

    def distance(self, latent: Tensor, goal: Tensor) -> Tensor:
        """The root of LeWM's cost: the Euclidean distance."""
        return self.difference(latent, goal).norm(dim=-1)

    def difference(self, latent: Tensor, goal: Tensor) -> Tensor:
        """A vector as long as that."""
        return (latent - goal).flatten(-2)

    def strangeness(self, latent: Tensor) -> Tensor:
        """Raises NotImplementedError: random weights make nothing of states."""
        raise NotImplementedError
