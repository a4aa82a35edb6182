"""Costs by name, shipped and installed, put together as a parameter file says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib.metadata import EntryPoint, entry_points

from jepa_ros.contract import Contract
from jepa_ros.planning.costs.cost import Cost, CostError
from jepa_ros.planning.costs.distances import RunningDistance, TerminalDistance
from jepa_ros.planning.costs.keep_out import KeepOut
from jepa_ros.planning.costs.motion import Effort, Smoothness
from jepa_ros.planning.costs.predictability import Predictability
from jepa_ros.planning.costs.regions import read_regions
from jepa_ros.planning.costs.weighted import WeightedSum

#: Costs that need no more than their name.
SHIPPED: dict[str, type[Cost]] = {
    "running_distance": RunningDistance,
    "terminal_distance": TerminalDistance,
    "smoothness": Smoothness,
    "effort": Effort,
}
#: Costs that ask something of the robot.
KEEP_OUT, PREDICTABILITY = OTHERS = ("keep_out", "predictability")
#: Entry points of this group are costs of users' own: name → a callable that takes the Contract and returns a Cost.
GROUP = "jepa_ros.costs"


def installed() -> dict[str, EntryPoint]:
    """The costs that other installed packages bring along, by name. Those that take a shipped name are left out."""
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in {*SHIPPED, *OTHERS}}


def compose(
    weights: Mapping[str, float], contract: Contract, regions: str = "", told: Collection[str] | None = None
) -> Cost:
    """The weighted sum of named costs; a weight of 0 leaves one out.

    ``regions`` is what ``keep_out`` stays out of (see :mod:`jepa_ros.planning.costs.regions`), in states that are
    ``told`` ahead, by default all. Raises CostError.
    """
    parts = [(weight, _named(name, contract, regions, told)) for name, weight in weights.items() if weight]
    if not parts:
        raise CostError(f"all costs have the weight 0; allowed: at least one of {', '.join(weights)} above 0")
    return WeightedSum(parts)


def _named(name: str, contract: Contract, regions: str, told: Collection[str] | None) -> Cost:
    if name in SHIPPED:
        return SHIPPED[name]()
    if name == KEEP_OUT:
        return KeepOut(read_regions(regions, contract, told), contract)
    if name == PREDICTABILITY:
        return Predictability(contract)
    points = installed()
    if name not in points:
        raise CostError(f"cost {name!r}; allowed: {', '.join([*SHIPPED, *OTHERS, *points])}")
    try:
        return points[name].load()(contract)
    except Exception as error:
        raise CostError(f"cost {name!r} of {points[name].value}: {type(error).__name__}: {error}") from error
