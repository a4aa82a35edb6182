"""What a bag holds, measured against its contract: rates, gaps, and how much of its range it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from jepa_ros.contract import Contract, ContractError, Entry, StreamError, read_values
from jepa_ros.data.bag import Bag, read_bag

BINS = 10
ENOUGH = 0.9  # share of the contract's rate that a topic must reach


@dataclass(frozen=True)
class StreamAudit:
    """One topic: how many messages, at what mean rate (Hz), and the longest time without one (s)."""

    key: str
    topic: str
    kind: str
    count: int
    rate: float
    longest_gap: float
    fast_enough: bool


@dataclass(frozen=True)
class ValueAudit:
    """One value of the state or action vector: what it went through and what it may, in contract units.

    `coverage` is the share of ten equal parts of the allowed range that it visited; NaN where none is known.
    """

    name: str
    low: float
    high: float
    allowed_low: float
    allowed_high: float
    coverage: float


@dataclass(frozen=True)
class BagAudit:
    """The whole bag.

    Attributes:
        seconds: from the first message to the last.
        contract_note: how the contract inside differs, None where it does not matter, or that there is none.
        pair_coverage: the share of 10 x 10 cells visited, the smallest of all pairs of positions that have a
            range; None where there is no such pair.
        refused: messages that could not be read as the contract wants, by topic.
        damage: what cannot be read at all.
    """

    path: Path
    seconds: float
    contract_note: str | None
    streams: tuple[StreamAudit, ...]
    states: tuple[ValueAudit, ...]
    actions: tuple[ValueAudit, ...]
    pair_coverage: float | None
    refused: dict[str, int]
    damage: tuple[str, ...]


def audit_bag(path: str | Path, contract: Contract, namespace: str = "") -> BagAudit:
    """Measure a bag against a contract.

    Raises:
        BagError: the bag cannot be read or lacks a topic of the contract.
    """
    entries = {**contract.observations, **contract.actions}
    stamps: dict[str, list[int]] = {key: [] for key in entries}
    values: dict[str, list[np.ndarray]] = {key: [] for key in entries}
    refused: dict[str, int] = {}
    with read_bag(path) as bag:
        topics: dict[str, list[str]] = {}
        for key, entry in entries.items():
            topics.setdefault(bag.resolve(entry.channel.topic, namespace), []).append(key)
        for item in bag.messages(topics):
            for key in topics[item.topic]:
                stamps[key].append(item.stamp_ns)
                try:
                    if not entries[key].is_image:
                        values[key].append(read_values(entries[key], item.message))
                except StreamError:
                    refused[item.topic] = refused.get(item.topic, 0) + 1
        note, damage = _contract_note(bag, contract), tuple(bag.damage)
    states = _columns(values, contract.observations)
    actions = _columns(values, contract.actions)
    low, high = _state_ranges(contract)
    every = [stamp for times in stamps.values() for stamp in times]
    return BagAudit(
        path=Path(path),
        seconds=(max(every) - min(every)) * 1e-9 if every else 0.0,
        contract_note=note,
        streams=tuple(_stream(key, entry, stamps[key], contract.fps) for key, entry in entries.items()),
        states=_values(contract.state_names, states, low, high),
        actions=_values(contract.action_names, actions, contract.limits.low, contract.limits.high),
        pair_coverage=_pair_coverage(states, low, high),
        refused=refused,
        damage=damage,
    )


def coverage(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """How many cells of a grid, as a share, hold some of `points` (N, D).

    The grid spans `low` to `high` (D,) with ten cells per side.
    """
    cells = np.floor((points - low) / (high - low) * BINS).astype(int)
    inside = cells[np.all((points >= low) & (points <= high), axis=1)]
    return len(np.unique(np.minimum(inside, BINS - 1), axis=0)) / BINS ** len(low)


def _contract_note(bag: Bag, contract: Contract) -> str | None:
    if bag.contract_text is None:
        return "the bag has no contract"
    try:
        return Contract.parse(bag.contract_text, name=f"{bag.path}: its contract").difference(contract)
    except ContractError as error:
        return str(error)


def _stream(key: str, entry: Entry, times: Sequence[int], fps: int) -> StreamAudit:
    gaps = np.diff(times) * 1e-9
    rate = 1.0 / float(gaps.mean()) if len(gaps) and gaps.mean() > 0 else 0.0
    longest = float(gaps.max()) if len(gaps) else float("inf")
    channel = entry.channel
    return StreamAudit(key, channel.topic, channel.type, len(times), rate, longest, rate >= ENOUGH * fps)


def _columns(values: dict[str, list[np.ndarray]], entries: dict[str, Entry]) -> list[np.ndarray]:
    """One (N,) array per value, in contract order."""
    columns: list[np.ndarray] = []
    for key, entry in entries.items():
        if not entry.is_image:
            table = np.array(values[key], float).reshape(-1, len(entry.select))
            columns += list(table.T)
    return columns


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


def _values(
    names: Sequence[str], columns: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray
) -> tuple[ValueAudit, ...]:
    audits = []
    for name, column, least, most in zip(names, columns, low, high):
        known = np.isfinite(least) and np.isfinite(most)
        share = coverage(column[:, None], np.array([least]), np.array([most])) if known else float("nan")
        ends = (float(column.min()), float(column.max())) if len(column) else (float("nan"),) * 2
        audits.append(ValueAudit(name, *ends, float(least), float(most), share))
    return tuple(audits)


def _pair_coverage(columns: Sequence[np.ndarray], low: np.ndarray, high: np.ndarray) -> float | None:
    bounded = np.flatnonzero(np.isfinite(low) & np.isfinite(high)).tolist()
    shares = []
    for pair in map(list, combinations(bounded, 2)):
        first, second = (columns[index] for index in pair)
        # Values of different topics have no common clock here; as many of each, in order, do for a histogram
        count = min(len(first), len(second))
        points = np.column_stack([_thinned(first, count), _thinned(second, count)])
        shares.append(coverage(points, low[pair], high[pair]))
    return min(shares) if shares else None


def _thinned(column: np.ndarray, count: int) -> np.ndarray:
    return column[np.linspace(0, len(column) - 1, count).astype(int)] if count else column[:0]
