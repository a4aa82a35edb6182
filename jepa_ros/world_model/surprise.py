"""Notice when reality departs from prediction."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.world_model.drift import Drift, DriftMonitor
from jepa_ros.world_model.encoder import Percept
from jepa_ros.world_model.world_model import WorldModel

SLACK = 0.25  # of a period: how far from exactly one period apart two latents may lie and still be compared


@dataclass(frozen=True)
class Surprise:
    """The error (a distance) of the one-period prediction that ended now, and its conformal p-value in (0, 1].

    ``drift`` says whether the errors of late keep to one side; None where the model is not calibrated for that.
    """

    error: float
    p_value: float
    drift: Drift | None


def departure(model: WorldModel, predicted: Tensor, came: Percept) -> Tensor:
    """How far latents that came (B, N, D) lie from the predicted ones (B, N, D): (B,), a distance.

    The images alone are judged beside all senses together, because a true joint angle hides a frozen or blank camera
    in the common latent; of the two errors, made comparable by the calibration, the larger counts.
    """
    error = model.distance(came.latent, predicted)
    if came.sight is None or not model.calibration.sight_weight:
        return error
    return torch.maximum(error, model.calibration.sight_weight * model.distance(came.sight, predicted))


class SurpriseMonitor:
    """Predicts each latent from the one a period before it, and says how unusual the error is.

    Stamps may come at any rate; where nothing lies one period back, or no command was known, there is no surprise.
    """

    def __init__(self, model: WorldModel):
        self.model = model
        self.period_ns = round(model.contract.period * 1e9)
        scale = model.calibration.drift
        self._drift = None if scale is None else DriftMonitor(scale, model.contract.period)
        self._recent: deque[tuple[int, Tensor]] = deque()

    def observe(
        self, stamp_ns: int, percept: Percept, action: Callable[[int, int], np.ndarray | None]
    ) -> Surprise | None:
        """Take in what was perceived (1, N, D) at a stamp.

        ``action(start_ns, end_ns)`` gives the mean command (A,) between two.
        """
        latent = percept.latent
        earlier = self._one_period_before(stamp_ns)
        self._recent.append((stamp_ns, latent))
        if earlier is None:
            return None
        command = action(earlier[0], stamp_ns)
        if command is None:
            return None
        actions = torch.as_tensor(command, dtype=latent.dtype, device=latent.device).reshape(1, 1, -1)
        predicted = self.model.predict(earlier[1], actions)[:, 0]
        error = float(departure(self.model, predicted, percept))
        drift = None if self._drift is None else self._drift.observe(stamp_ns, (predicted - latent)[0])
        return Surprise(error, self.model.calibration.p_value(error), drift)

    def _one_period_before(self, stamp_ns: int) -> tuple[int, Tensor] | None:
        """The latent nearest to one period back; older ones are dropped, and all of them where time jumped back."""
        if self._recent and self._recent[-1][0] >= stamp_ns:
            self._recent.clear()
        wanted = stamp_ns - self.period_ns
        slack = SLACK * self.period_ns
        while self._recent and self._recent[0][0] < wanted - slack:
            self._recent.popleft()
        nearest = min(self._recent, key=lambda item: abs(item[0] - wanted), default=None)
        return nearest if nearest is not None and abs(nearest[0] - wanted) <= slack else None
