"""Who shows motions, with nobody or somebody who looks; the planner's node is made up."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from harness.goals import be, feel, image_at
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from jepa_ros.contract import decode_image
from jepa_ros.planning import Plan, Step
from jepa_ros.ros.client.client import image_goal, named_goal
from jepa_ros.ros.goals import display as room
from jepa_ros.ros.goals.display import Display
from jepa_ros.ros.goals.inputs import Snapshot
from jepa_ros_interfaces.msg import LatentState


class Publisher:
    """Keeps what is published for so many listeners."""

    def __init__(self):
        self.listeners, self.published = 0, []

    def get_subscription_count(self) -> int:
        return self.listeners

    def publish(self, message) -> None:
        self.published.append(message)


class Planner:
    """What a display needs of a planner: publishers, a clock, what the camera saw."""

    def __init__(self):
        self.publishers: dict[str, Publisher] = {}
        self.seconds = 100.0
        self.seen: np.ndarray | None = None

    def announce(self, kind, topic, qos) -> Publisher:
        return self.publishers.setdefault(topic, Publisher())

    def now(self) -> float:
        return self.seconds

    def picture(self, stamp_ns: int) -> np.ndarray | None:
        return self.seen


@pytest.fixture
def planner() -> Planner:
    return Planner()


@pytest.fixture
def begin(planner, contract):
    """Begins a motion towards a goal."""
    display = Display(planner, contract, planner, planner, decode_image)
    return lambda goal: display.begin(goal, 0.02)


@pytest.fixture
def views(monkeypatch) -> list[room.View]:
    """What was drawn."""
    drawn: list[room.View] = []
    draw = room.motion_image
    monkeypatch.setattr(room, "motion_image", lambda view: drawn.append(view) or draw(view))
    return drawn


def step(distance: float, way: str = "direct", horizon: int = 8) -> Step:
    distances = torch.linspace(distance, 0.0, horizon)
    plan = Plan(torch.zeros(horizon, 2), torch.zeros(horizon, 1, 4), distances, 2 * distance, 0.0, 1)
    return Step(distance, 0.5, "moving", plan, way=way)


SNAPSHOT = Snapshot(Header(frame_id="camera"), torch.zeros(1, 1, 1, 4), np.zeros(2), 0.0, 1.0, False)


def test_nothing_is_drawn_or_published_while_nobody_looks(planner, begin, views):
    motion = begin(be(0.9, -0.1))
    for distance in (1.0, 0.9):
        motion.show(step(distance), SNAPSHOT)
    assert views == []
    assert set(planner.publishers) == {"~/markers", "~/debug/image"}
    assert [publisher.published for publisher in planner.publishers.values()] == [[], []]


def test_who_begins_to_look_sees_also_what_was(planner, begin, views):
    motion = begin(be(0.9, -0.1))
    motion.show(step(1.0), SNAPSHOT)
    planner.seconds += 0.1
    planner.publishers["~/debug/image"].listeners = 1
    motion.show(step(0.9), SNAPSHOT)
    assert list(views[0].course.past) == [(0.0, 1.0), (pytest.approx(0.1), 0.9)]
    (picture,) = planner.publishers["~/debug/image"].published
    assert isinstance(picture, Image)
    assert picture.header == SNAPSHOT.header


def test_what_is_predicted_goes_on_from_now_once_per_period(planner, begin, views, contract):
    planner.publishers["~/debug/image"].listeners = 1
    begin(be(0.9, -0.1)).show(step(1.0, horizon=4), SNAPSHOT)
    times, distances = zip(*views[0].course.ahead)
    assert times == pytest.approx([contract.period * number for number in range(5)])
    assert distances == pytest.approx([1.0, 1.0, 2 / 3, 1 / 3, 0.0])


def test_towards_a_place_on_the_way_the_distances_ahead_are_those_to_it(planner, begin, views):
    planner.publishers["~/debug/image"].listeners = 1
    motion = begin(be(0.9, -0.1))
    motion.show(step(1.0, way="along a remembered route"), SNAPSHOT)
    assert views[0].course.ahead[0] == (0.0, 2.0)
    assert views[0].on_the_way
    assert views[0].phase == "moving, along a remembered route"


def test_a_robot_that_rests_has_nothing_ahead(planner, begin, views):
    planner.publishers["~/debug/image"].listeners = 1
    begin(be(0.9, -0.1)).show(Step(0.5, 0.5, "recovering"), SNAPSHOT)
    assert views[0].course.ahead == []


@pytest.mark.parametrize(
    ("goal", "words"),
    [
        (be(0.9, -0.1), ["measured values:", "position.shoulder = 0.9", "position.elbow = -0.1"]),
        (named_goal("home"), ["the saved goal", "home"]),
        (feel(LatentState()), ["a latent"]),
    ],
)
def test_a_goal_that_is_no_image_is_told_in_words(planner, begin, views, goal, words):
    planner.publishers["~/debug/image"].listeners = 1
    begin(goal).show(step(1.0), SNAPSHOT)
    assert views[0].goal == words


def test_a_goal_image_is_shown_as_small_as_the_model_sees_it(planner, begin, views, contract):
    planner.publishers["~/debug/image"].listeners = 1
    begin(image_goal(image_at((0.9, -0.1)))).show(step(1.0), SNAPSHOT)
    assert views[0].goal.shape == (*next(iter(contract.images.values())), 3)


def test_only_the_shown_past_is_kept(planner, begin, views):
    motion = begin(be(0.9, -0.1))
    for _ in range(600):
        motion.show(step(1.0), SNAPSHOT)
        planner.seconds += 0.1
    planner.publishers["~/debug/image"].listeners = 1
    motion.show(step(1.0), SNAPSHOT)
    assert len(views[0].course.past) <= 202
