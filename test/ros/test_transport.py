from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from jepa_ros.ros.base.transport import VARIABLES, transport
from jepa_ros.ros.client.processes import environment


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_full_size_images_fit_into_the_shared_memory_that_is_asked_for():
    (file,) = {Path(content) for content in transport().values()}
    profile = ElementTree.parse(file).getroot()
    (segment,) = [element for element in profile.iter() if element.tag.endswith("segment_size")]
    assert int(segment.text) >= 8 * 640 * 480 * 3


@pytest.mark.parametrize("name", VARIABLES)
def test_what_the_user_has_chosen_stays(monkeypatch, name):
    monkeypatch.setenv(name, "/my/own/choice")
    assert transport() == {}
    chosen = {key: content for key, content in environment().items() if key in VARIABLES}
    assert chosen == {name: "/my/own/choice"}


@pytest.mark.parametrize(
    ("distribution", "name"),
    [("humble", VARIABLES[1]), ("jazzy", VARIABLES[1]), ("kilted", VARIABLES[0]), ("rolling", VARIABLES[0])],
)
def test_each_distribution_is_told_under_the_name_it_knows(monkeypatch, distribution, name):
    monkeypatch.setenv("ROS_DISTRO", distribution)
    assert list(transport()) == [name]


def test_a_variable_that_is_empty_is_no_choice(monkeypatch):
    monkeypatch.setenv("FASTDDS_BUILTIN_TRANSPORTS", "")
    assert transport() != {}


def test_running_nodes_understand_the_profile(shared):
    stack, _ = shared
    for node in ("world_model", "planner"):
        assert "XMLPARSER" not in stack.log(node)
        assert "PROFILES_FILE value" not in stack.log(node)  # as rmw_fastrtps begins its complaint of an old name
