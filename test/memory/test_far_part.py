import pytest

from jepa_ros.memory.far_part import far_part, length, near

#: A way of 5 m with a corner, a pose every metre.
WAY = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0), (2.0, 1.0, 1.5), (2.0, 2.0, 1.5), (2.0, 3.0, 1.5)]


def test_a_way_is_as_long_as_it_is_along_its_corners():
    assert length(WAY) == pytest.approx(5.0)
    assert length(WAY[:1]) == length([]) == 0.0


def test_the_far_part_ends_before_the_last_metres():
    assert far_part(WAY, beyond=3.0, last=1.0) == WAY[4]
    assert far_part(WAY, beyond=3.0, last=1.5) == WAY[3]
    assert far_part(WAY, beyond=3.0, last=0.0) == WAY[5]


def test_a_way_that_is_not_long_has_no_far_part():
    assert far_part(WAY, beyond=5.0, last=1.0) is None
    assert far_part([], beyond=0.5, last=0.0) is None


def test_a_way_with_nothing_but_its_end_has_no_far_part():
    assert far_part(WAY, beyond=3.0, last=4.5) is None


def test_near_is_a_matter_of_place_alone():
    assert near((0.0, 0.0, 0.0), (0.3, 0.4, 3.0), 0.5)
    assert not near((0.0, 0.0, 0.0), (0.3, 0.5, 0.0), 0.5)
