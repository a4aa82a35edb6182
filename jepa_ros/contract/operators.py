"""The ``apply`` pipeline: from the message's units to the contract's (``forward``) and back (``inverse``)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jepa_ros.contract.errors import suggestion

MAX_SIDE = 8192


class OperatorError(ValueError):
    """An operator that is not allowed; the text says what is. ``index`` is its place in ``apply``."""

    def __init__(self, index: int, allowed: str) -> None:
        self.index, self.allowed = index, allowed
        super().__init__(allowed)


@dataclass(frozen=True)
class Rad2Deg:
    """Radians in the message, degrees in the contract."""

    def forward(self, values: np.ndarray) -> np.ndarray:
        return np.rad2deg(values)

    def inverse(self, values: np.ndarray) -> np.ndarray:
        return np.deg2rad(values)


@dataclass(frozen=True)
class Clamp:
    """Values kept within [low, high], both ways."""

    low: float
    high: float

    def forward(self, values: np.ndarray) -> np.ndarray:
        return np.clip(values, self.low, self.high)

    inverse = forward


@dataclass(frozen=True)
class Resize:
    """An image's size in the contract: (height, width) in pixels."""

    size: tuple[int, int]


Operator = Rad2Deg | Clamp | Resize


def forward(operators: Sequence[Operator], values: np.ndarray) -> np.ndarray:
    """Message units to contract units."""
    for operator in operators:
        values = operator.forward(values)
    return values


def inverse(operators: Sequence[Operator], values: np.ndarray) -> np.ndarray:
    """Contract units to message units."""
    for operator in reversed(operators):
        values = operator.inverse(values)
    return values


def clamped_range(operators: Sequence[Operator]) -> tuple[float, float]:
    """The range that the pipeline's clamps leave, in contract units."""
    low, high = forward(operators, np.array([-math.inf, math.inf]))
    return float(low), float(high)


def in_degrees(operators: Sequence[Operator]) -> int:
    """How many times radians become degrees (once, where somebody meant it)."""
    return sum(isinstance(operator, Rad2Deg) for operator in operators)


def parse_operators(items: Sequence[Any], is_image: bool) -> tuple[Operator, ...]:
    """The operators of an ``apply`` list. Raises OperatorError."""
    operators = tuple(_parse(index, item) for index, item in enumerate(items))
    for index, operator in enumerate(operators):
        if isinstance(operator, Resize) != is_image:
            allowed = "resize only (an image)" if is_image else "rad2deg or clamp (resize is for images)"
            raise OperatorError(index, allowed)
    if is_image and len(operators) != 1:
        raise OperatorError(-1, "the image's size, once: apply: [resize: [height, width]], say [resize: [64, 64]]")
    return operators


def _parse(index: int, item: Any) -> Operator:
    name, argument = item, None
    if isinstance(item, dict) and len(item) == 1:
        ((name, argument),) = item.items()
    if name == "rad2deg" and argument is None:
        return Rad2Deg()
    if name == "clamp":
        return _parse_clamp(index, argument)
    if name == "resize":
        return _parse_resize(index, argument)
    hint = suggestion(name, ("rad2deg", "clamp", "resize")) if isinstance(name, str) else ""
    raise OperatorError(index, f"rad2deg, clamp: {{min: …, max: …}} or resize: [height, width]{hint}")


def _parse_clamp(index: int, argument: Any) -> Clamp:
    allowed = "clamp: {min: <number>, max: <greater number>}"
    if not isinstance(argument, dict) or set(argument) != {"min", "max"}:
        raise OperatorError(index, allowed)
    low, high = argument["min"], argument["max"]
    numbers = all(type(value) in (int, float) and math.isfinite(value) for value in (low, high))
    if not numbers or low >= high:
        raise OperatorError(index, allowed)
    return Clamp(float(low), float(high))


def _parse_resize(index: int, argument: Any) -> Resize:
    sides = argument if isinstance(argument, list) else []
    if len(sides) != 2 or not all(type(side) is int and 0 < side <= MAX_SIDE for side in sides):
        raise OperatorError(index, f"resize: [height, width] in whole pixels, 1 to {MAX_SIDE}")
    return Resize((sides[0], sides[1]))
