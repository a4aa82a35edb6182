"""An audit: what a bag holds, in figures, measured against its contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from jepa_ros.contract import Contract
from jepa_ros.data.audit.checks import ENOUGH, Finding, check
from jepa_ros.data.audit.coverage import Column, action_columns, coverage, pair_coverage, state_columns
from jepa_ros.data.audit.survey import Stream, Survey, survey
from jepa_ros.data.audit.usable import usable_periods
from jepa_ros.data.bags.bag import read_bag

GAP = 1.5  # intervals between messages, or periods if these are longer, from which on a gap is one


@dataclass(frozen=True)
class Age:
    """How long before its receipt a message was stamped (ms): median, 95 %, most. Clocks that differ show here."""

    median: float
    usual: float
    most: float


@dataclass(frozen=True)
class StreamAudit:
    """One topic.

    Attributes:
        count: messages.
        rate: their mean rate (Hz).
        longest_gap: the longest time without one (s).
        lost_ticks: contract periods that passed in gaps.
        age: None where headers have no stamp.
    """

    key: str
    topic: str
    kind: str
    count: int
    rate: float
    longest_gap: float
    lost_ticks: int
    age: Age | None
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
        survey: what it was measured from; `survey.seconds` is from the first message to the last.
        findings: what is wrong, errors first.
        pair_coverage: the share of 10 x 10 cells visited, the smallest of all pairs of positions that have a
            range; None where there is no such pair.
        usable_periods: contract periods in which nothing is missing.
    """

    path: Path
    survey: Survey
    streams: tuple[StreamAudit, ...]
    states: tuple[ValueAudit, ...]
    actions: tuple[ValueAudit, ...]
    findings: tuple[Finding, ...]
    pair_coverage: float | None
    usable_periods: int

    @property
    def usable_minutes(self) -> float:
        """The usable periods' time."""
        return self.usable_periods * self.survey.contract.period / 60

    @property
    def fits(self) -> bool:
        """Whether a model can be trained on it."""
        return not any(finding.severity == "error" for finding in self.findings)


def audit_bag(path: str | Path, contract: Contract, namespace: str = "") -> BagAudit:
    """Measure a bag against a contract.

    Raises:
        BagError: the bag cannot be read.
    """
    with read_bag(path) as bag:
        found = survey(bag, contract, namespace)
    states, actions = state_columns(found), action_columns(found)
    return BagAudit(
        path=Path(path),
        survey=found,
        streams=tuple(_stream(key, stream, contract) for key, stream in found.streams.items()),
        states=_values(states),
        actions=_values(actions),
        findings=tuple(check(found)),
        pair_coverage=pair_coverage(states),
        usable_periods=usable_periods(found),
    )


def _stream(key: str, stream: Stream, contract: Contract) -> StreamAudit:
    channel = stream.entry.channel
    gaps = np.diff(stream.receive_ns) * 1e-9
    rate = 1.0 / float(gaps.mean()) if len(gaps) and gaps.mean() > 0 else 0.0
    longest = float(gaps.max()) if len(gaps) else float("inf")
    return StreamAudit(
        key=key,
        topic=channel.topic,
        kind=stream.kind or channel.type,
        count=stream.count,
        rate=rate,
        longest_gap=longest,
        lost_ticks=_lost_ticks(gaps, contract.period),
        age=_age(stream),
        fast_enough=rate >= ENOUGH * contract.fps,
    )


def _lost_ticks(gaps: np.ndarray, period: float) -> int:
    if not len(gaps):
        return 0
    long = gaps[gaps > GAP * max(period, float(np.median(gaps)))]
    return int(np.sum(np.round(long / period) - 1))


def _age(stream: Stream) -> Age | None:
    stamped = stream.header_ns > 0
    if not stamped.any():
        return None
    ages = (stream.receive_ns - stream.header_ns)[stamped] * 1e-6
    return Age(*np.quantile(ages, (0.5, 0.95, 1.0)).tolist())


def _values(columns: Sequence[Column]) -> tuple[ValueAudit, ...]:
    return tuple(_value(column) for column in columns)


def _value(column: Column) -> ValueAudit:
    values, share = column.values, float("nan")
    if column.bounded:
        share = coverage(values[:, None], np.array([column.low]), np.array([column.high]))
    ends = (float(values.min()), float(values.max())) if len(values) else (float("nan"),) * 2
    return ValueAudit(column.name, *ends, column.low, column.high, share)
