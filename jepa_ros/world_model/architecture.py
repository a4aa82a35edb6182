"""The shape of a world model: everything needed to build it with empty weights."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, model_validator

from jepa_ros.contract import Contract

Size = tuple[PositiveInt, PositiveInt]


class Transformer(BaseModel):
    """Sizes of a transformer: the ``width`` of its tokens, the number of blocks, and of attention heads in each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: PositiveInt = 64
    depth: PositiveInt = 2
    heads: PositiveInt = 4

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Transformer:
        if self.width % self.heads:
            raise ValueError(f"a width of {self.width} can't be shared by {self.heads} heads; choose a multiple")
        return self


class CNN(BaseModel):
    """A convolutional network: the first layer takes squares of 4 × 4 pixels, each further one halves the map."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["cnn"] = "cnn"
    channels: tuple[PositiveInt, ...] = Field(default=(16, 32, 64, 64), min_length=1)

    def grid(self, size: Size) -> Size:
        """Rows and columns of the feature map of an image. Raises ValueError for one that is too small."""
        if min(size) < 4:
            raise ValueError(f"an image of {size[0]}×{size[1]} is too small; a cnn needs 4×4 pixels at least")
        rows, columns = (side // 4 for side in size)
        for _ in self.channels[1:]:
            rows, columns = (rows + 1) // 2, (columns + 1) // 2
        return rows, columns


class ViT(Transformer):
    """A vision transformer over patches of ``patch`` × ``patch`` pixels."""

    kind: Literal["vit"] = "vit"
    patch: PositiveInt = 8

    def grid(self, size: Size) -> Size:
        """Rows and columns of patches of an image. Raises ValueError where it has no whole number of them."""
        if size[0] % self.patch or size[1] % self.patch:
            raise ValueError(
                f"an image of {size[0]}×{size[1]} can't be cut into patches of {self.patch}×{self.patch}; "
                "choose a patch that divides both sides, or another size in the contract"
            )
        return size[0] // self.patch, size[1] // self.patch


class Design(BaseModel):
    """What one is free to choose of a world model, whatever the robot.

    ``encoder`` looks at images. A ``latent`` is ``pooled`` into one token, or keeps ``tokens``: one for each cell of
    the encoder's feature maps; each is a vector of ``latent_size`` numbers. ``encoder_width`` is that of the features
    in which images and state meet. Pooled latents are predicted by a residual network of ``predictor_width``, tokens by
    a transformer of the sizes in ``token_predictor``.

    The predictor looks at the last ``history`` latents, and one step of it takes the actions of ``action_block``
    contract periods at once; latents in history lie one such step apart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: Annotated[CNN | ViT, Field(discriminator="kind")] = CNN()
    latent: Literal["pooled", "tokens"] = "pooled"
    latent_size: PositiveInt = 16
    encoder_width: PositiveInt = 256
    predictor_width: PositiveInt = 256
    token_predictor: Transformer = Transformer()
    history: PositiveInt = 1
    action_block: PositiveInt = 1


class Architecture(Design):
    """A design for one robot.

    ``images`` maps each camera's contract key to its (height, width) in pixels; it is empty for a machine without a
    camera. ``state_size`` and ``action_size`` are the lengths of the contract's state and action vectors.
    """

    images: dict[str, Size]
    state_size: int = Field(ge=0)
    action_size: PositiveInt

    @classmethod
    def of(cls, contract: Contract, design: Design) -> Architecture:
        """The design for the robot of a contract. Raises ValueError where they don't go together."""
        try:
            return cls(
                **dict(design),
                images=dict(contract.images),
                state_size=len(contract.state_names),
                action_size=len(contract.action_names),
            )
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error

    @property
    def tokens(self) -> int:
        """N of a latent (N, D)."""
        if self.latent == "pooled":
            return 1
        return sum(self._cells(camera) for camera in self.images)

    def tokens_of(self, camera: str) -> slice:
        """Which of a latent's tokens show what one camera sees. Raises ValueError where several share a token."""
        if len(self.images) == 1:
            return slice(0, self.tokens)
        if self.latent == "pooled":
            raise ValueError(
                f"this model's latent is pooled from {len(self.images)} cameras and can't tell what one of them sees; "
                "allowed: a model whose latent keeps tokens"
            )
        cameras = list(self.images)
        begin = sum(self._cells(before) for before in cameras[: cameras.index(camera)])
        return slice(begin, begin + self._cells(camera))

    def _cells(self, camera: str) -> int:
        rows, columns = self.encoder.grid(self.images[camera])
        return rows * columns

    def steps(self, periods: int) -> int:
        """How many steps of the predictor so many periods are. Raises ValueError where they are no whole number."""
        if periods % self.action_block:
            raise ValueError(
                f"{periods} periods are no whole number of this model's steps, each of {self.action_block}; "
                f"allowed: multiples of {self.action_block}"
            )
        return periods // self.action_block

    @property
    def flat_size(self) -> int:
        """How many numbers a latent has: N × D."""
        return self.tokens * self.latent_size

    @model_validator(mode="before")
    @classmethod
    def _before_encoders_had_names(cls, fields: Any) -> Any:
        """Models were first saved when every encoder was convolutional."""
        if isinstance(fields, dict) and "encoder_channels" in fields and "encoder" not in fields:
            channels = fields["encoder_channels"]
            fields = {name: value for name, value in fields.items() if name != "encoder_channels"}
            fields["encoder"] = {"kind": "cnn", "channels": channels}
        return fields

    @model_validator(mode="after")
    def _fits_the_images(self) -> Architecture:
        for camera, size in self.images.items():
            try:
                self.encoder.grid(size)
            except ValueError as error:
                raise ValueError(f"{camera}: {error}") from error
        if self.latent == "tokens" and not self.images:
            raise ValueError("latent 'tokens' needs a camera, whose images they are tokens of; allowed: 'pooled'")
        return self
