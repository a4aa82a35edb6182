"""How a world model is trained: every number, once, with defaults that work on the embedded robots."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from jepa_ros.contract import ContractError
from jepa_ros.contract.document import Document, parse, read_text
from jepa_ros.contract.validation import first_error
from jepa_ros.world_model import Design

Collapse = Literal["sigreg", "vicreg", "ema"]
Precision = Literal["auto", "float32", "bf16"]

SUITED: dict[str, dict[str, float]] = {
    "sigreg": {"sigreg": 0.001},
    "vicreg": {"variance": 1.0, "covariance": 0.04},
    "ema": {"temporal_similarity": 0.0},
}
"""Weights that go with each way to prevent collapse, where they differ from the defaults of ``Weights``."""


class RecipeError(ValueError):
    """A recipe that is refused. Reads ``file:line: key: found …; allowed: …``."""


class Weights(BaseModel):
    """How much each loss term counts; 0 leaves it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prediction: NonNegativeFloat = 1.0
    agreement: NonNegativeFloat = 6.0
    sigreg: NonNegativeFloat = 0.0
    variance: NonNegativeFloat = 0.0
    covariance: NonNegativeFloat = 0.0
    inverse_dynamics: NonNegativeFloat = 1.0
    temporal_similarity: NonNegativeFloat = 5.0
    state_readout: NonNegativeFloat = 3.0


class Recipe(BaseModel):
    """A training run, and the design of what is trained.

    ``frames`` is the length of the open-loop rollouts, counted with the frame that they begin with.

    ``collapse`` names what keeps latents from collapsing: SIGReg, the terms of VICReg, or an EMA teacher. It brings
    weights that suit it; those given in ``weights`` come before them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: PositiveInt = 1500
    batch: PositiveInt = 64
    """Windows per step, over all processes together."""
    frames: int = Field(default=5, ge=2)
    learning_rate: PositiveFloat = 3e-3
    weight_decay: NonNegativeFloat = 1e-4
    gradient_norm: PositiveFloat = 1.0
    collapse: Collapse = "sigreg"
    teacher_momentum: float = Field(default=0.99, ge=0, lt=1)
    """How much of itself the EMA teacher keeps in a step."""
    precision: Precision = "auto"
    """Of encoding and predicting; auto is bf16 on GPUs that can and float32 elsewhere. Weights stay float32."""
    unfelt: float = Field(default=0.6, ge=0, le=1)
    """Share of the sequences whose state is hidden from the encoder."""
    unseen: float = Field(default=0.15, ge=0, le=1)
    """Share of the sequences whose images are hidden."""
    jitter: NonNegativeFloat = 1.0
    """Strength of random brightness, contrast, tint and pixel noise; see ``jepa_ros.training.augmentation``."""
    validation_share: float = Field(default=0.15, gt=0, lt=1)
    seed: NonNegativeInt = 0
    design: Design = Design()
    weights: Weights = Weights()

    @model_validator(mode="before")
    @classmethod
    def _weights_that_suit(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        name, weights = fields.get("collapse", "sigreg"), fields.get("weights", {})
        if isinstance(weights, Weights):
            weights = weights.model_dump(exclude_unset=True)
        if not isinstance(weights, dict) or not isinstance(name, str):
            return fields
        return {**fields, "weights": {**SUITED.get(name, {}), **weights}}

    @model_validator(mode="after")
    def _one_sense_at_least(self) -> Recipe:
        if self.unfelt + self.unseen > 1:
            raise ValueError("unfelt and unseen must not exceed 1 together: every sequence needs one sense")
        return self


def read_recipe(path: Path | None = None, **others: Any) -> Recipe:
    """The recipe of a YAML file with any of Recipe's fields; ``others`` that are not None come before the file's.

    Raises RecipeError naming file, line and key.
    """
    try:
        document = Document("recipe", "", {}, {}) if path is None else parse(read_text(path), str(path))
    except ContractError as error:
        raise RecipeError(
            f"{error.file}:{error.line}: found {error.found}; allowed: a YAML file of a recipe"
        ) from error
    if not isinstance(document.data, dict):
        raise RecipeError(f"{path}:1: found no mapping; allowed: {', '.join(Recipe.model_fields)}")
    given = {name: value for name, value in others.items() if value is not None}
    try:
        return Recipe.model_validate({**document.data, **given})
    except ValidationError as error:
        raise RecipeError(str(first_error(document, Recipe, error, ()))) from error
