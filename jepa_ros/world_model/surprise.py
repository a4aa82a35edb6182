"""Notice when reality departs from prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from jepa_ros.world_model.drift import Drift, DriftMonitor
from jepa_ros.world_model.encoder import Percept
from jepa_ros.world_model.past import Past
from jepa_ros.world_model.world_model import WorldModel


@dataclass(frozen=True)
class Surprise:
    """The error (a distance) of the one-step prediction that ended now, and its conformal p-value in (0, 1].

    ``drift`` says whether the errors of late keep to one side; None where the model is not calibrated for that.
    """

    error: float
    p_value: float
    drift: Drift | None


def departure(model: WorldModel, predicted: Tensor, came: Percept) -> Tensor:
    """How far what came is from what was predicted (B, N, D), and the senses from one another: (B,), a distance.

    A true joint angle hides a frozen or blank camera in the latent of all senses, and one that was blank a moment ago
    too is predicted to stay so; but what it shows is not what the state says. Of the two errors, made comparable by the
    calibration, the larger counts.
    """
    error = model.distance(came.latent, predicted)
    return torch.maximum(error, model.calibration.agreement_weight * model.distance(came.sight, came.feeling))


class SurpriseMonitor:
    """Predicts each latent from what was perceived a step of the model before it, and says how unusual the error is.

    ``past`` is the stream's, newest latent included. Where it does not reach back far enough, or no command was known,
    there is no surprise.
    """

    def __init__(self, model: WorldModel, past: Past):
        self.model, self.past = model, past
        scale = model.calibration.drift
        self._drift = None if scale is None else DriftMonitor(scale, model.contract.period)

    def observe(
        self, stamp_ns: int, percept: Percept, action: Callable[[int, int], np.ndarray | None]
    ) -> Surprise | None:
        """Judge what was perceived (1, N, D) at a stamp, and keep it in the past.

        ``action(start_ns, end_ns)`` gives the mean command (A,) between two.
        """
        self.past.add(stamp_ns, percept.latent)
        earlier = self.past.before()
        if earlier is None:
            return None
        began, context = earlier
        actions = self._actions(began, stamp_ns, action)
        if actions is None:
            return None
        predicted = self.model.predict(context, actions.to(context))[:, 0]
        error = float(departure(self.model, predicted, percept))
        drift = None if self._drift is None else self._drift.observe(stamp_ns, (predicted - percept.latent)[0])
        return Surprise(error, self.model.calibration.p_value(error), drift)

    def _actions(self, start_ns: int, end_ns: int, action: Callable[[int, int], np.ndarray | None]) -> Tensor | None:
        """The mean commands (1, k, A) of a step's k periods; None where one is not known."""
        count = self.model.architecture.action_block
        stamps = [start_ns + (end_ns - start_ns) * period // count for period in range(count + 1)]
        means = [action(*interval) for interval in zip(stamps, stamps[1:])]
        return None if any(mean is None for mean in means) else torch.from_numpy(np.stack(means)).unsqueeze(0)
