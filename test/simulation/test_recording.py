"""A stepped recording is the same kind of bag as a live one, made faster than real time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import load_contract, read_values
from jepa_ros.data.bags.bag import BagError, read_bag
from jepa_ros.data.episodes import load_episodes
from jepa_ros.simulation.recording import record_exploration

CONTRACT = load_contract(Path(__file__).parents[2] / "config/contracts/planar_arm.yaml")
TOPICS = {"camera/image_raw": 30, "joint_states": 50, "arm_controller/joint_trajectory": 10}


@pytest.fixture(scope="module")
def bag_path(tmp_path_factory):
    return record_exploration(CONTRACT, tmp_path_factory.mktemp("bags") / "run", seconds=8, seed=1)


def test_it_has_the_contract_and_all_its_topics_at_their_rates(bag_path):
    bag = read_bag(bag_path)
    assert bag.contract_text == CONTRACT.text
    for topic, rate in TOPICS.items():
        assert bag.topics[bag.resolve(topic)].count == 8 * rate + 1


def test_receive_stamps_are_those_of_the_simulation(bag_path):
    for item in read_bag(bag_path).messages(["camera/image_raw", "joint_states"]):
        stamp = item.message.header.stamp
        assert item.stamp_ns == stamp.sec * 10**9 + stamp.nanosec


def test_the_joints_follow_the_recorded_commands(bag_path):
    entry = CONTRACT.actions["action"]
    commands = {
        item.stamp_ns: read_values(entry, item.message) for item in read_bag(bag_path).messages([entry.channel.topic])
    }
    states = {item.stamp_ns: np.array(item.message.velocity) for item in read_bag(bag_path).messages(["joint_states"])}
    period_ns = round(CONTRACT.period * 1e9)
    pairs = [(command, states[stamp + period_ns]) for stamp, command in commands.items() if stamp + period_ns in states]
    assert len(pairs) > 70
    for command, velocity in pairs:
        assert velocity == pytest.approx(command, abs=0.01)


def test_commands_are_legal_one_after_the_other(bag_path):
    entry, limits = CONTRACT.actions["action"], CONTRACT.limits
    commands = np.array(
        [read_values(entry, item.message) for item in read_bag(bag_path).messages([entry.channel.topic])]
    )
    assert np.all((commands >= limits.low) & (commands <= limits.high))
    assert np.all(np.abs(np.diff(commands, axis=0)) <= limits.rate * CONTRACT.period + 1e-9)
    assert np.ptp(commands, axis=0).min() > 0.3, "it moves"


def test_it_loads_as_one_episode_without_a_gap(bag_path):
    (episode,) = load_episodes(bag_path, CONTRACT)
    assert len(episode) == 241
    assert episode.stride == 3


def test_the_same_seed_makes_the_same_messages(bag_path, tmp_path):
    again = record_exploration(CONTRACT, tmp_path / "again", seconds=8, seed=1)
    assert (again / "again.mcap").stat().st_size == pytest.approx((bag_path / "run.mcap").stat().st_size, rel=0.001)
    for one, other in zip(read_bag(bag_path).messages(), read_bag(again).messages()):
        assert one.topic == other.topic
        assert one.stamp_ns == other.stamp_ns
        if one.topic.endswith("joint_states"):
            assert np.array_equal(one.message.position, other.message.position)


def test_progress_runs_to_the_end(tmp_path):
    seen = []
    record_exploration(CONTRACT, tmp_path / "run", seconds=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0.0, 2.0), (1.0, 2.0), (2.0, 2.0)]


def test_an_existing_recording_is_not_touched(bag_path):
    with pytest.raises(BagError, match="exists already"):
        record_exploration(CONTRACT, bag_path, seconds=1)
