"""Validation asks about what training has not seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jepa_ros.data.episodes import Episode
from jepa_ros.training.split import split


def episode(length, source="run", start=0):
    stamps = start + np.arange(length)
    actions = np.zeros((length - 1, 1), np.float32)
    return Episode({}, stamps[:, None].astype(np.float32), actions, stamps, 1, source)


def many(lengths, sources=1):
    return [episode(length, f"run{i % sources}", 10_000 * i) for i, length in enumerate(lengths)]


def frames(episodes):
    return sum(map(len, episodes))


def starts(episodes):
    return [int(item.stamps_ns[0]) for item in episodes]


@pytest.mark.parametrize("share", [0.1, 0.15, 0.5])
def test_many_episodes_are_held_out_whole_and_about_as_much_as_asked(share):
    episodes = many(np.random.default_rng(0).integers(50, 300, 60).tolist())
    training, validation = split(episodes, share)
    assert sorted(starts(training) + starts(validation)) == starts(episodes)
    assert all(any(part is whole for whole in episodes) for part in validation)
    assert frames(validation) / frames(episodes) == pytest.approx(share, abs=0.02)


def test_every_recording_gives_its_part():
    validation = split(many([100] * 60, sources=3), 0.1)[1]
    assert sorted(item.source for item in validation) == ["run0", "run0", "run1", "run1", "run2", "run2"]


def test_the_split_is_the_seeds():
    episodes = many([100] * 40)
    assert starts(split(episodes, 0.2, 1)[1]) == starts(split(episodes, 0.2, 1)[1])
    assert starts(split(episodes, 0.2, 1)[1]) != starts(split(episodes, 0.2, 2)[1])


def test_one_continuous_recording_gives_its_end():
    (training,), (validation,) = split([episode(1000)], 0.2)
    assert (len(training), len(validation)) == (800, 200)
    assert training.stamps_ns[-1] < validation.stamps_ns[0]
    assert len(training.actions) == len(training) - training.stride


def test_one_long_recording_among_scraps_gives_its_end_too():
    training, validation = split(many([10_000] + [20] * 12), 0.15)
    assert starts(training)[0] == 0
    assert max(map(len, validation)) == 1500


def test_of_a_long_recording_the_ends_of_a_few_stretches_are_held_out():
    long = episode(36_000)
    spread = replace(long, stamps_ns=long.stamps_ns * 33_333_333)
    training, validation = split([spread], 0.15)
    assert list(map(len, validation)) == [1080] * 5
    assert frames(training) + frames(validation) == 36_000
    for before, held, after in zip(training, validation, training[1:]):
        assert before.stamps_ns[-1] < held.stamps_ns[0]
        assert held.stamps_ns[-1] < after.stamps_ns[0]
