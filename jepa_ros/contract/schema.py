"""The contract file's shape: Rosetta's schema plus ``x-jepa``.

These models check one entry at a time, each value by itself. What depends on several values at once
(selectors of a message type, limits of a selector) is checked where it is put to use, in
:mod:`jepa_ros.contract.load`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

MAX_FPS = 1000
TOPIC = re.compile(r"(~/|/)?[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*")
TYPE = re.compile(r"[a-z][a-z0-9_]*/msg/[A-Z][A-Za-z0-9]*")
CODEC = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


def refusal(allowed: str) -> PydanticCustomError:
    """An error whose text says what is allowed; what was found is added by the loader."""
    return PydanticCustomError("contract", "{allowed}", {"allowed": allowed})


def _lower(value: Any) -> Any:
    """Rosetta compares its words without regard to case."""
    return value.strip().lower() if isinstance(value, str) else value


_Word = BeforeValidator(_lower)
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Qos(_Strict):
    """Quality of service of a topic, in rclpy's short words. What is left out keeps its use's default."""

    reliability: Annotated[Literal["reliable", "best_effort", "system_default", "best_available"] | None, _Word] = None
    durability: Annotated[Literal["volatile", "transient_local", "system_default", "best_available"] | None, _Word] = (
        None
    )
    history: Annotated[Literal["keep_last", "keep_all", "system_default"] | None, _Word] = None
    liveliness: Annotated[Literal["automatic", "manual_by_topic", "system_default", "best_available"] | None, _Word] = (
        None
    )
    depth: Annotated[int, Field(ge=0, le=10_000)] = 10


class Channel(_Strict):
    """One topic: name (a relative one stays in the node's namespace), message type, quality of service."""

    topic: str
    type: str
    qos: Qos | None = None
    dtype: Annotated[
        Literal["float32", "float64", "int32", "int64", "bool", "video"] | None, _Word
    ] = None  # fmt: skip
    decoder: str | None = None
    encoder: str | None = None
    safety: Annotated[Literal["none", "hold", "zeros"], _Word] = "none"

    @field_validator("topic")
    @classmethod
    def _topic_name(cls, topic: str) -> str:
        if not TOPIC.fullmatch(topic) or "__" in topic:
            raise refusal("a ROS topic name of letters, digits, _ and /, such as camera/image_raw")
        return topic

    @field_validator("type")
    @classmethod
    def _type_name(cls, name: str) -> str:
        if not TYPE.fullmatch(name):
            raise refusal("a message type with its package, such as sensor_msgs/msg/Image")
        return name

    @field_validator("decoder", "encoder")
    @classmethod
    def _codec_path(cls, path: str | None) -> str | None:
        if path is not None and not CODEC.fullmatch(path):
            raise refusal("a function's import path, package.module:function")
        return path


class Align(_Strict):
    """How samples land on ticks.

    strategy: ``hold`` takes the newest sample however old, ``asof`` the newest one not older than
    ``tolerance_ms``, ``drop`` the newest one of the last period.
    timeline: ``header`` (when it was measured) or ``receive`` (when it arrived).
    """

    strategy: Annotated[Literal["hold", "asof", "drop"], _Word]
    timeline: Annotated[Literal["header", "receive"], _Word]
    tolerance_ms: Annotated[int, Field(gt=0, le=3_600_000)] | None = None

    @model_validator(mode="after")
    def _tolerance(self) -> Align:
        if self.strategy == "asof" and self.tolerance_ms is None:
            raise refusal("tolerance_ms with strategy asof: the greatest age of a sample, in milliseconds")
        if self.strategy != "asof" and self.tolerance_ms is not None:
            raise refusal(f"tolerance_ms only with strategy asof (here: {self.strategy})")
        return self


class Source(_Strict):
    """One topic feeding a key: channel → align → select → apply."""

    channel: Channel
    align: Align
    select: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] | None = None
    apply: Annotated[tuple[Any, ...], Field(strict=False)] = ()
    kind: Annotated[
        Literal["continuous", "quaternion", "euler_rpy", "axis_angle", "rotation_6d", "binary"], _Word
    ] = "continuous"  # fmt: skip


class Limit(_Strict):
    """Hard limits of one action or state value, in the contract's units (``rate``: units per second).

    ``moved_by`` is the selector of the action whose velocity a limited state is the integral of.
    """

    min: Finite | None = None
    max: Finite | None = None
    rate: Annotated[Finite, Field(gt=0)] | None = None
    moved_by: str | None = None

    @model_validator(mode="after")
    def _order(self) -> Limit:
        if self.min is None and self.max is None and self.rate is None:
            raise refusal("at least one of min, max, rate")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise refusal("min less than max")
        return self


class Command(_Strict):
    """What the action values mean to the robot; see doc/contract.md."""

    kind: Literal["joint_velocity", "joint_position", "velocity", "direct"] = "direct"


class Jepa(_Strict):
    """What only a world model needs, under the top-level key ``x-jepa``."""

    limits: dict[str, Limit] = {}
    command: Command = Command()


class Head(_Strict):
    """The top-level scalars."""

    robot_type: Annotated[str, Field(min_length=1, max_length=200)]
    robot_interface: Annotated[Literal["ros2"], _Word]
    fps: Annotated[int, Field(gt=0, le=MAX_FPS)]

    @field_validator("fps", mode="before")
    @classmethod
    def _whole_number(cls, fps: Any) -> Any:
        return int(fps) if isinstance(fps, float) and fps.is_integer() else fps
