"""The sizes of a world model: everything needed to build it with empty weights."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class Architecture(BaseModel):
    """Shape of an encoder and a predictor.

    ``images`` maps each camera's contract key to its (height, width) in pixels; it is empty for a machine without a
    camera. ``state_size`` and ``action_size`` are the lengths of the contract's state and action vectors.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: dict[str, tuple[PositiveInt, PositiveInt]]
    state_size: int = Field(ge=0)
    action_size: PositiveInt
    latent_size: PositiveInt = 16
    encoder_channels: tuple[PositiveInt, ...] = (24, 48, 64, 64)
    encoder_width: PositiveInt = 256
    predictor_width: PositiveInt = 256

    @property
    def tokens(self) -> int:
        """N of a latent (N, D): this encoder pools an observation into one token."""
        return 1
