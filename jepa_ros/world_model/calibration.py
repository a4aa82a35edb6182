"""The numbers that give a trained network units: normalisation, what "near" means, what "surprising" means."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveFloat, model_validator

from jepa_ros.world_model import conformal
from jepa_ros.world_model.drift import DriftScale


class Calibration(BaseModel):
    """Measured on training and validation data; stored as ``calibration.json``.

    ``state_mean``, ``state_scale`` (S,) and ``action_scale`` (A,) are in contract units. ``distance_scale`` divides
    latent norms so that 1.0 is the median distance between two random states; a distance up to ``tolerance`` means
    "arrived". ``surprise_errors`` are order statistics, ascending, of one-period prediction errors (as distances) in
    normal operation; ``agreement_weight`` says how much a difference between the images and the state counts in them,
    see ``jepa_ros.world_model.surprise.departure``. ``drift`` says what averages of signed errors are like, None where
    there was too little data to know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    state_mean: tuple[FiniteFloat, ...]
    state_scale: tuple[PositiveFloat, ...]
    action_scale: tuple[PositiveFloat, ...]
    distance_scale: PositiveFloat = 1.0
    tolerance: PositiveFloat = 1.0
    agreement_weight: FiniteFloat = Field(default=0.0, ge=0)
    surprise_errors: tuple[float, ...] = Field(default=(0.0,), min_length=1)
    drift: DriftScale | None = None

    @model_validator(mode="after")
    def _ascending(self) -> Calibration:
        if np.any(np.diff(self.surprise_errors) < 0):
            raise ValueError("surprise_errors must ascend")
        return self

    @classmethod
    def of_data(cls, state: np.ndarray, actions: np.ndarray) -> Calibration:
        """Normalisation of states (T, S) and actions (T, A); a channel that never changes keeps its unit."""
        return cls(
            state_mean=tuple(state.mean(0).tolist()),
            state_scale=tuple(_spread(state)),
            action_scale=tuple(_spread(actions)),
        )

    def p_value(self, error: float) -> float:
        """Share of normal prediction errors at least as large as ``error``: a conformal p-value in (0, 1]."""
        return conformal.p_value(self.surprise_errors, error)


def _spread(values: np.ndarray) -> list[float]:
    spread = values.std(0)
    return np.where(spread > 1e-6, spread, 1.0).tolist()
