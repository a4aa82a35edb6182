"""How a world model is trained: every number, once, with defaults that work on the embedded robots."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator


class Weights(BaseModel):
    """How much each loss term counts; 0 leaves it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prediction: NonNegativeFloat = 1.0
    agreement: NonNegativeFloat = 6.0
    sigreg: NonNegativeFloat = 0.001
    inverse_dynamics: NonNegativeFloat = 1.0
    temporal_similarity: NonNegativeFloat = 5.0
    state_readout: NonNegativeFloat = 3.0


class Recipe(BaseModel):
    """A training run. ``frames`` is the length of the open-loop rollouts, counted with their first frame."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: PositiveInt = 2500
    batch: PositiveInt = 64
    frames: int = Field(default=5, ge=2)
    learning_rate: PositiveFloat = 1e-3
    weight_decay: NonNegativeFloat = 1e-4
    gradient_norm: PositiveFloat = 1.0
    unfelt: float = Field(default=0.6, ge=0, le=1)
    """Share of the sequences whose state is hidden from the encoder."""
    unseen: float = Field(default=0.15, ge=0, le=1)
    """Share of the sequences whose images are hidden."""
    jitter: NonNegativeFloat = 1.0
    """Strength of random brightness, contrast, tint and pixel noise; see ``jepa_ros.training.augmentation``."""
    validation_share: float = Field(default=0.15, gt=0, lt=1)
    seed: int = 0
    weights: Weights = Weights()

    @model_validator(mode="after")
    def _one_sense_at_least(self) -> Recipe:
        if self.unfelt + self.unseen > 1:
            raise ValueError("unfelt and unseen must not exceed 1 together: every sequence needs one sense")
        return self
