"""How much of a recording can be learnt from: periods in which nothing is missing."""

from __future__ import annotations

import numpy as np

from jepa_ros.contract.stream import freshness
from jepa_ros.data.audit.survey import Stream, Survey


def usable_periods(survey: Survey) -> int:
    """Contract periods with all observations at both ends and commands in force from end to end.

    Counted from stamps alone, one after the other; what decoding makes of a bag may differ by a few.
    """
    period_ns = round(survey.contract.period * 1e9)
    ticks = _ticks(survey, period_ns)
    whole = np.ones(len(ticks), bool)
    for stream in survey.streams.values():
        fresh_ns = freshness(stream.entry, period_ns)
        stamps = np.sort(stream.stamps_ns[stream.stamps_ns > 0])
        whole &= _newest_is_fresh(stamps, ticks, fresh_ns)
        whole &= _newest_is_fresh(stamps, ticks + period_ns, fresh_ns)
    return int(whole.sum())


def _ticks(survey: Survey, period_ns: int) -> np.ndarray:
    """(N,) stamps, a period apart, on the timeline of the first camera or of receipt."""
    camera: Stream | None = next((s for s in survey.streams.values() if s.entry.is_image), None)
    if camera is None:
        return np.arange(survey.begin_ns, survey.end_ns - period_ns + 1, period_ns)
    stamps = camera.stamps_ns[camera.stamps_ns > 0]
    # One tick per stamp's period, so that a clock that jumps does not make ticks where nothing was recorded
    return np.unique(stamps // period_ns) * period_ns + period_ns // 2 if len(stamps) else np.empty(0, np.int64)


def _newest_is_fresh(stamps: np.ndarray, ticks: np.ndarray, fresh_ns: int | None) -> np.ndarray:
    index = np.searchsorted(stamps, ticks, side="right") - 1
    found = index >= 0
    if fresh_ns is not None and len(stamps):
        found &= ticks - stamps[np.maximum(index, 0)] <= fresh_ns
    return found
