"""How much of what a robot may do a recording shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.audit.survey import Stream, Survey

BINS = 10


def coverage(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """How many cells of a grid, as a share, hold some of `points` (N, D).

    The grid spans `low` to `high` (D,) with ten cells per side.
    """
    cells = np.floor((points - low) / (high - low) * BINS).astype(int)
    inside = cells[np.all((points >= low) & (points <= high), axis=1)]
    return len(np.unique(np.minimum(inside, BINS - 1), axis=0)) / BINS ** len(low)


class Column:
    """One value of the state or action vector over time.

    Attributes:
        name: its name in the contract's vector.
        stamps_ns, values: (N,) receive stamps and values in contract units.
        low, high: what limits allow, infinite where they say nothing.
    """

    def __init__(self, name: str, stream: Stream, place: int, low: float, high: float) -> None:
        self.name, self.low, self.high = name, float(low), float(high)
        self.stamps_ns, self.values = stream.value_ns, stream.values[:, place]

    @property
    def bounded(self) -> bool:
        """Whether both ends of its range are known."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))


def state_columns(survey: Survey) -> list[Column]:
    """The values of the state vector, with the ranges that limits give to positions."""
    contract = survey.contract
    return _columns(survey, contract.observations, contract.state_names, *_state_ranges(contract))


def action_columns(survey: Survey) -> list[Column]:
    """The values of the action vector."""
    contract = survey.contract
    return _columns(survey, contract.actions, contract.action_names, contract.limits.low, contract.limits.high)


def bounded_pairs(columns: Sequence[Column]) -> Iterator[tuple[Column, Column]]:
    """All pairs of values whose ranges are known."""
    return combinations([column for column in columns if column.bounded and len(column.values)], 2)


def together(first: Column, second: Column) -> np.ndarray:
    """(N, 2) values of two columns at the same moments: the second one's newest at each of the first."""
    if not (len(first.values) and len(second.values)):
        return np.empty((0, 2))
    newest = np.searchsorted(second.stamps_ns, first.stamps_ns, side="right") - 1
    return np.column_stack([first.values, second.values[newest]])[newest >= 0]


def pair_coverage(columns: Sequence[Column]) -> float | None:
    """The share of 10 x 10 cells visited, the smallest of all pairs; None where no pair has ranges."""
    shares = [
        coverage(together(first, second), np.array([first.low, second.low]), np.array([first.high, second.high]))
        for first, second in bounded_pairs(columns)
    ]
    return min(shares) if shares else None


def _columns(
    survey: Survey, keys: Sequence[str], names: Sequence[str], low: np.ndarray, high: np.ndarray
) -> list[Column]:
    streams = [survey.streams[key] for key in keys if not survey.streams[key].entry.is_image]
    places = [(stream, place) for stream in streams for place in range(len(stream.entry.select))]
    return [Column(name, *where, least, most) for name, where, least, most in zip(names, places, low, high)]


def _state_ranges(contract: Contract) -> tuple[np.ndarray, np.ndarray]:
    """What limits say about each value of the state vector, infinite where nothing."""
    size = len(contract.state_names)
    low, high = np.full(size, -np.inf), np.full(size, np.inf)
    limits = contract.limits
    by_position = contract.command.kind == "joint_position"
    for action, index in enumerate(limits.position_index):
        if index >= 0:
            low[index] = limits.low[action] if by_position else limits.position_low[action]
            high[index] = limits.high[action] if by_position else limits.position_high[action]
    return low, high
