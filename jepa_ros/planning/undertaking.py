"""What leads a robot on, whatever for."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from jepa_ros.planning.pursuit import Step
from jepa_ros.planning.rollout import Present


class Undertaking(Protocol):
    """Leads a robot on, one step per control period, until a step has an outcome: a pursuit, an exploration."""

    def step(
        self,
        now: float,
        latent: Tensor,
        present: Present,
        anomalous: bool = False,
        foreseen: Tensor | None = None,
        p_value: float = 1.0,
    ) -> Step:
        """Judge the newest latent and lead on from it, see :meth:`Pursuit.step`."""
