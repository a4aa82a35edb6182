"""Surprise that lasts, breaks, comes late, or can't be told."""

import pytest

from jepa_ros.planning.unbroken import UnbrokenSurprise

YES, NO, UNKNOWN = True, False, None


def lasted(verdicts, delay=0.0, farthest=0.25, begin=0.0):
    """The seconds of surprise after verdicts a tenth of a second apart, the first one period after the beginning."""
    surprise = UnbrokenSurprise(begin, farthest)
    for number, verdict in enumerate(verdicts, 1):
        surprise.judge(0.1 * number, verdict, delay)
    return surprise.seconds(0.1 * len(verdicts))


def test_surprise_lasts_from_its_first_verdict_on():
    assert lasted([NO, YES, YES, YES]) == pytest.approx(0.2)


def test_a_normal_verdict_is_a_break():
    assert lasted([YES, YES, NO]) == 0.0
    assert lasted([YES, YES, NO, YES, YES]) == pytest.approx(0.1)


def test_time_in_which_nobody_can_tell_neither_counts_nor_is_a_break():
    assert lasted([YES, YES, UNKNOWN, UNKNOWN, UNKNOWN]) == pytest.approx(0.1)
    assert lasted([YES, YES, UNKNOWN, UNKNOWN, UNKNOWN, YES]) == pytest.approx(0.2)


def test_a_break_is_one_though_nobody_could_tell_before():
    assert lasted([YES, YES, UNKNOWN, NO, UNKNOWN, YES]) == 0.0


@pytest.mark.parametrize("verdicts", [[], [UNKNOWN] * 9, [NO, UNKNOWN, UNKNOWN]])
def test_who_was_never_surprised_is_not_by_what_nobody_can_tell(verdicts):
    assert lasted(verdicts) == 0.0


def test_surprise_counts_from_when_it_was_seen():
    assert lasted([NO, NO, NO, YES, YES], delay=0.2) == pytest.approx(0.3)


def test_one_late_picture_is_no_lasting_surprise():
    assert lasted([NO] * 9 + [YES], delay=0.8) == pytest.approx(0.25)


def test_what_was_seen_before_the_beginning_says_nothing():
    assert lasted([YES, YES], delay=0.25) == 0.0
    assert lasted([YES, YES, YES], delay=0.25) == pytest.approx(0.25)
