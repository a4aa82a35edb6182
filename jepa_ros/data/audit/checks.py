"""Where a bag and its contract disagree, or a recording is no use: one function per question, all asked of a survey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from jepa_ros.data.audit.survey import Stream, Survey

FEW = 10  # messages; of fewer nothing is said about rates and changes
ENOUGH = 0.9  # share of the contract's rate that a topic must reach
LOST_PERIOD = 1.5  # periods: slower than this, a camera's frames no longer are steps of one period
FROZEN = 2.0  # s for which a camera may show the same picture while something moves
MOVED = 0.02  # share of a value's whole range, from which on it moves
JUMP_NS = 500_000_000  # by which header stamps may leave the time of receipt from one message to the next
APART_NS = 1_000_000_000  # by which the clocks of streams may differ


class Finding(NamedTuple):
    """One thing that is wrong.

    Attributes:
        severity: "error" where a model trained on it would be wrong or none could be, else "warning".
        topic: the topic's name in the bag.
        seconds: since the bag's begin, None where it concerns all of it.
        sentence: what was found and what would be right.
    """

    severity: str
    topic: str
    seconds: float | None
    sentence: str

    def __str__(self) -> str:
        when = "" if self.seconds is None else f" at {self.seconds:.1f} s"
        return f"{self.topic}{when}: {self.sentence}"


def check(survey: Survey) -> list[Finding]:
    """Everything that is wrong, errors first."""
    findings = [finding for ask in QUESTIONS for stream in survey.streams.values() for finding in ask(survey, stream)]
    findings = list(dict.fromkeys(findings))  # a topic that feeds two entries is told of once
    return sorted(findings, key=lambda finding: finding.severity)


def is_absent(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """The bag has no such topic."""
    if stream.absent is not None:
        yield Finding("error", stream.topic, None, stream.absent)


def is_silent(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """The topic is there, and nothing was ever sent on it."""
    if stream.kind is not None and stream.count == 0:
        what = "command" if stream.entry.key in survey.contract.actions else "message"
        yield Finding("error", stream.topic, None, f"not one {what} was sent")


def has_another_type(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """The topic carries other messages than the contract says."""
    wanted = stream.entry.channel.type
    if stream.kind is None or stream.kind == wanted:
        return
    images = stream.entry.is_image and stream.kind.startswith("sensor_msgs/msg/") and stream.kind.endswith("Image")
    severity, hint = ("warning", ", which is read as well") if images else ("error", "")
    yield Finding(severity, stream.topic, None, f"carries {stream.kind}{hint}; the contract says {wanted}")


def has_unusable_messages(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """Names that are missing, values that are not finite, images of an unknown encoding."""
    read = len(stream.receive_ns) - len(stream.refused) - len(stream.unrelated)
    reasons = stream.refused + ([] if read else stream.unrelated)
    if not reasons:
        return
    stamp_ns, reason = min(reasons)
    reason = reason.removeprefix(f"{stream.entry.channel.topic}: ")
    if read == 0:
        yield Finding("error", stream.topic, survey.second(stamp_ns), f"not one message can be used: {reason}")
    else:
        share = f"{len(reasons)} of {len(stream.receive_ns)} messages cannot be used, the first: {reason}"
        yield Finding("warning", stream.topic, survey.second(stamp_ns), share)


def has_no_stamps(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """Headers without a stamp where the contract aligns by them."""
    if stream.entry.align.timeline != "header" or not len(stream.header_ns):
        return
    bare = np.flatnonzero(stream.header_ns == 0)
    hint = "align.timeline: receive would do without"
    if len(bare) == len(stream.header_ns):
        yield Finding("error", stream.topic, None, f"no header has a stamp; {hint}")
    elif len(bare):
        when = survey.second(int(stream.receive_ns[bare[0]]))
        yield Finding("warning", stream.topic, when, f"{len(bare)} headers have no stamp; {hint}")


def has_a_clock_of_its_own(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """Streams whose clocks differ never meet, or meet at the wrong moments."""
    other = next((other for other in survey.streams.values() if _lag(other) is not None), stream)
    lag, reference = _lag(stream), _lag(other)
    if lag is None or abs(lag - reference) < APART_NS:
        return
    apart = (lag - reference) * 1e-9
    yield Finding(
        "error", stream.topic, None,
        f"its {stream.entry.align.timeline} stamps are {_seconds(abs(apart))} {'behind' if apart > 0 else 'ahead of'} "
        f"the {other.entry.align.timeline} stamps of {other.topic}: their clocks differ",
    )  # fmt: skip


def has_a_jumping_clock(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """Header stamps that go back, or ahead of the time that passed."""
    if stream.entry.align.timeline != "header":
        return
    stamped = stream.header_ns > 0
    header, receive = stream.header_ns[stamped], stream.receive_ns[stamped]
    steps = np.diff(header)
    for places, words in (
        (np.flatnonzero(steps < -JUMP_NS), "goes back by"),
        (np.flatnonzero(steps - np.diff(receive) > JUMP_NS), "jumps ahead by"),
    ):
        if len(places):
            far = abs(steps[places[0]]) * 1e-9
            more = f", and {len(places) - 1} times more" if len(places) > 1 else ""
            when = survey.second(int(receive[places[0] + 1]))
            yield Finding("warning", stream.topic, when, f"the clock of its headers {words} {_seconds(far)}{more}")


def is_too_slow(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """Observations that come less often than the contract's ticks."""
    intervals = survey.intervals(stream)
    if stream.entry.key not in survey.contract.observations or len(intervals) < FEW:
        return
    interval = float(np.median(intervals))
    if interval * ENOUGH <= survey.contract.period:
        return
    severity = "error" if stream.entry.is_image and interval > LOST_PERIOD * survey.contract.period else "warning"
    sentence = f"comes at {1 / interval:.3g} Hz; the contract ticks at {survey.contract.fps} Hz"
    yield Finding(severity, stream.topic, None, sentence)


def shows_the_same_picture(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """A camera that is frozen, always or while something moves."""
    if len(stream.repeats) >= FEW and stream.repeats[1:].all():
        yield Finding("error", stream.topic, None, f"all {len(stream.repeats)} pictures read are the same")
        return
    for first, last in _runs(stream.repeats):
        begin, end = int(stream.receive_ns[first]), int(stream.receive_ns[last])
        if (end - begin) * 1e-9 >= FROZEN and _something_moves(survey, begin, end):
            until = f"shows the same picture until {survey.second(end):.1f} s, while the robot moves"
            yield Finding("warning", stream.topic, survey.second(begin), until)


def never_changes(survey: Survey, stream: Stream) -> Iterator[Finding]:
    """Values that are the same from begin to end."""
    if len(stream.values) < FEW:
        return
    constant = np.ptp(stream.values, axis=0) == 0
    if not constant.any():
        return
    names = [
        f"{name} ({value:g})" for name, value, same in zip(stream.entry.select, stream.values[0], constant) if same
    ]
    action = stream.entry.key in survey.contract.actions
    useless = action and _all_constant(survey, survey.contract.actions)
    end = ": what commands do cannot be learnt from it" if useless else ""
    yield Finding("error" if useless else "warning", stream.topic, None, f"{', '.join(names)} never changes{end}")


QUESTIONS: tuple[Callable[[Survey, Stream], Iterator[Finding]], ...] = (
    is_absent,
    is_silent,
    has_another_type,
    has_unusable_messages,
    has_no_stamps,
    has_a_clock_of_its_own,
    has_a_jumping_clock,
    is_too_slow,
    shows_the_same_picture,
    never_changes,
)


def _lag(stream: Stream) -> float | None:
    """How far a stream's stamps are behind the time of receipt (ns); None where it has none."""
    stamped = stream.stamps_ns > 0
    return float(np.median((stream.receive_ns - stream.stamps_ns)[stamped])) if stamped.any() else None


def _runs(same: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and last index of each run of equal pictures."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist()):
        yield max(start - 1, 0), end - 1


def _something_moves(survey: Survey, begin_ns: int, end_ns: int) -> bool:
    """Whether a value of the state, or of the actions where there is no state, changes meanwhile."""
    numbers = [stream for stream in survey.streams.values() if len(stream.values)]
    states = [stream for stream in numbers if stream.entry.key in survey.contract.observations]
    for stream in states or numbers:
        inside = stream.values[(stream.value_ns >= begin_ns) & (stream.value_ns <= end_ns)]
        if len(inside) and np.any(np.ptp(inside, axis=0) > MOVED * np.ptp(stream.values, axis=0)):
            return True
    return False


def _all_constant(survey: Survey, keys: object) -> bool:
    streams = [survey.streams[key] for key in keys]
    return all(len(stream.values) >= FEW and not np.ptp(stream.values, axis=0).any() for stream in streams)


def _seconds(value: float) -> str:
    return f"{value:.3g} s" if value < 600 else f"{value / 3600:.3g} h" if value < 1e6 else f"{value / 86400:.0f} days"
