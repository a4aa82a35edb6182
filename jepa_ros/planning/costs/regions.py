"""Regions of the state space, in contract units, and how deep inside them a state is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, PositiveFloat, TypeAdapter, ValidationError
from torch import Tensor

from jepa_ros.contract import Contract
from jepa_ros.planning.costs.cost import CostError

SYNTAX = "[{box: {<state>: [low, high], …}}, {ball: {<state>: centre, …}, radius: r}]"


class _Region(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(_Region):
    """States between a low and a high value in each of the named entries."""

    box: Annotated[dict[str, tuple[FiniteFloat, FiniteFloat]], Field(min_length=1)]

    @property
    def names(self) -> tuple[str, ...]:
        """The entries of the state that matter."""
        return tuple(self.box)

    @property
    def width(self) -> tuple[float, ...]:
        """How far it reaches in each of them."""
        return tuple(high - low for low, high in self.box.values())

    def depth(self, states: Tensor) -> Tensor:
        """How deep states (..., K), in the named entries, lie inside: 1 in the middle, 0 at the edge, less outside."""
        low, high = states.new_tensor(list(self.box.values())).unbind(dim=1)
        return 1.0 - ((2.0 * states - low - high) / (high - low)).abs().amax(dim=-1)


class Ball(_Region):
    """States within a radius around a centre, in the named entries, which share a unit."""

    ball: Annotated[dict[str, FiniteFloat], Field(min_length=1)]
    radius: PositiveFloat

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.ball)

    @property
    def width(self) -> tuple[float, ...]:
        return (2.0 * self.radius,) * len(self.ball)

    def depth(self, states: Tensor) -> Tensor:
        away = states - states.new_tensor(list(self.ball.values()))
        return 1.0 - away.norm(dim=-1) / self.radius


Region = Box | Ball


def read_regions(text: str, contract: Contract, told: Collection[str] | None = None) -> list[Region]:
    """Regions as written in a parameter (see ``SYNTAX``), checked as by ``check_region``. Raises CostError."""
    try:
        regions = TypeAdapter(list[Region]).validate_python(yaml.safe_load(text) or [])
    except (yaml.YAMLError, ValidationError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error).splitlines()[0]
        raise CostError(f"keep_out: {text!r}: {first}; allowed: {SYNTAX}") from error
    for region in regions:
        check_region(region, contract, told)
    return regions


def check_region(region: Region, contract: Contract, told: Collection[str] | None = None) -> None:
    """Raise CostError where a region can't be kept out of: of states that nobody foresees, or so thin as to jump over.

    How far a state gets within a period is known where the contract says which action moves it. ``told`` are the
    states that predictions tell (see ``told_states``), by default all that are measured.
    """
    told = contract.state_names if told is None else told
    ways = _ways(contract)
    for name, width in zip(region.names, region.width):
        if name not in told:
            allowed = ", ".join(told) or "none"
            raise CostError(f"keep_out: a region of {name!r}, which nothing tells ahead; allowed: {allowed}")
        if not width > 0.0:
            raise CostError(f"keep_out: a region {width:g} wide in {name}; allowed: [low, high] with low below high")
        way = ways.get(name, 0.0)
        if not width >= way:
            raise CostError(f"keep_out: a region {width:g} wide in {name}; allowed: at least one period's way, {way:g}")


def _ways(contract: Contract) -> dict[str, float]:
    """How far each state that an action is known to move gets within a period; inf where nothing limits its speed."""
    limits = contract.limits
    farthest = np.maximum(np.abs(limits.low), np.abs(limits.high))
    speeds = limits.rate if contract.command.kind == "joint_position" else farthest
    moved = zip(limits.position_index, speeds)
    return {contract.state_names[index]: float(speed) * limits.period for index, speed in moved if index >= 0}
