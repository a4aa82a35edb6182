"""Every embedded robot explores and is recorded by its contract."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import load_contract
from jepa_ros.data.bags.bag import read_bag
from jepa_ros.data.episodes import load_episodes
from jepa_ros.simulation.embedded import Setting
from jepa_ros.simulation.layouts import named_layouts
from jepa_ros.simulation.recording import record_exploration, record_layouts

CONTRACTS = Path(__file__).parents[2] / "config/contracts"


def record(robot, path, seconds, **setting):
    contract = load_contract(CONTRACTS / f"{robot}.yaml")
    bag = record_exploration(contract, path / "run", seconds, seed=1, setting=Setting(seed=1, **setting))
    return contract, bag, load_episodes(bag, contract)


def test_the_furnished_room_makes_one_episode_of_pictures_and_places(tmp_path):
    _, bag, (episode,) = record("furnished_room", tmp_path, 6, layout="studio")
    assert episode.stride == 6
    assert len(episode) == 181
    assert episode.images["observation.images.top"].shape == (181, 64, 64, 3)
    assert np.ptp(episode.state, axis=0).max() > 0.5
    assert "joint_states" in {topic.strip("/") for topic in read_bag(bag).topics}


def test_several_rooms_share_the_time_and_get_a_bag_each(tmp_path):
    contract = load_contract(CONTRACTS / "furnished_room.yaml")
    settings = [Setting(1, name) for name in named_layouts("random:3-5")]
    told = []
    bags = record_layouts(contract, tmp_path, 9.0, settings, lambda done, total: told.append(done / total))
    assert [bag.name for bag in bags] == ["random_3", "random_4", "random_5"]
    episodes = load_episodes(tmp_path, contract)
    assert [len(episode) for episode in episodes] == [91, 91, 91]
    first, second, _ = (episode.images["observation.images.top"][0].astype(int) for episode in episodes)
    assert np.abs(first - second).mean() > 5
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("names", ["random:5-3", "random:a-b", "random:1-", "attic", "random:-1"])
def test_layouts_that_there_are_not_are_refused(names):
    with pytest.raises(ValueError, match=r"layout|no layout"):
        named_layouts(names)


def test_where_nothing_is_in_the_way_the_base_goes_as_commanded(tmp_path):
    contract, _, (episode,) = record("furnished_room", tmp_path, 6)
    way = episode.state[episode.stride :] - episode.state[: -episode.stride]
    error = np.hypot(*(way - contract.period * episode.actions).T)
    assert np.median(error) < 0.02


def test_the_process_makes_one_episode_without_pictures(tmp_path):
    contract, _, (episode,) = record("process", tmp_path, 90)
    assert episode.images == {}
    assert episode.state.shape[1] == len(contract.state_names)
    assert len(episode) > 80
    assert np.ptp(episode.actions, axis=0).min() > 0.05


@pytest.mark.parametrize("robot", ["planar_arm", "furnished_room"])
def test_distractors_get_into_the_recording(robot, tmp_path):
    *_, (episode,) = record(robot, tmp_path, 1.5, distractors=0.3)
    images = next(iter(episode.images.values())).astype(int)
    assert np.abs(images[12:] - images[:-12]).mean() > 5


def test_a_layout_that_does_not_exist_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="no layout is called 'cellar'"):
        record("furnished_room", tmp_path, 1, layout="cellar")
    assert not (tmp_path / "run").exists()
