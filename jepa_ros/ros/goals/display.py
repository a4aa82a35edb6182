"""What people see of a motion: markers, and a picture of the goal, the camera and the distance over time."""

from __future__ import annotations

from collections import deque
from functools import cached_property

import numpy as np
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

from jepa_ros.contract import Contract
from jepa_ros.memory.guide import UNKNOWN
from jepa_ros.planning import Step
from jepa_ros.planning.guide import DIRECT
from jepa_ros.ros.base.lifecycle import LifecycleNode
from jepa_ros.ros.goals.inputs import Inputs, Snapshot
from jepa_ros.ros.memory.places import Places
from jepa_ros.ros.wire.distance_chart import WINDOW, Course
from jepa_ros.ros.wire.images import Decode, image_alone, image_message
from jepa_ros.ros.wire.markers import Markers
from jepa_ros.ros.wire.motion_image import View, motion_image
from jepa_ros.ros.wire.streams import header_ns
from jepa_ros_interfaces.msg import Goal

MOST_VALUES = 8  # of a state that there is room for


class Display:
    """Publishes ~/markers and ~/debug/image, while somebody looks, of one motion after the other."""

    def __init__(self, node: LifecycleNode, contract: Contract, inputs: Inputs, places: Places, decode: Decode):
        self.contract, self.inputs, self.places, self.decode = contract, inputs, places, decode
        self.markers = Markers(node)
        self.images = node.announce(Image, "~/debug/image", qos_profile_sensor_data)

    def begin(self, goal: Goal, tolerance: float) -> MotionDisplay:
        """A motion begins."""
        return MotionDisplay(self, goal, tolerance)


class MotionDisplay:
    """Shows the steps of one motion towards a goal. Of those that nobody looks at, only the distance is kept."""

    def __init__(self, display: Display, goal: Goal, tolerance: float):
        self._display, self._goal, self._tolerance = display, goal, tolerance
        self._began = display.inputs.now()
        self._past: deque[tuple[float, float]] = deque()

    def show(self, step: Step, snapshot: Snapshot) -> None:
        """The next step, and what it went by."""
        self._remember(step.distance)
        self._display.markers.show(step, snapshot.header, self._tolerance)
        if self._display.images.get_subscription_count():
            picture = motion_image(self._view(step, snapshot))
            self._display.images.publish(image_message(picture, snapshot.header))

    def _remember(self, distance: float) -> None:
        now = self._display.inputs.now() - self._began
        self._past.append((now, distance))
        while self._past[0][0] < now - WINDOW:
            self._past.popleft()

    def _view(self, step: Step, snapshot: Snapshot) -> View:
        seen = self._display.places.picture(header_ns(snapshot))
        course = Course(self._past, self._ahead(step), self._tolerance)
        numbers = f"distance {step.distance:.3f}   progress {step.progress:.0%}   p = {snapshot.p_value:.3f}"
        return View(self._shown_goal, seen, course, step.words, numbers, not _straight(step))

    def _ahead(self, step: Step) -> list[tuple[float, float]]:
        """The plan's distances, from now on: to the goal, or to that on the way which it leads to."""
        if step.plan is None:
            return []
        now, distances = self._past[-1][0], step.plan.distances.tolist()
        spacing = self._display.contract.period * len(step.plan.actions) / len(distances)
        first = step.distance if _straight(step) else step.plan.start_distance
        return [(now + spacing * number, distance) for number, distance in enumerate([first, *distances])]

    @cached_property
    def _shown_goal(self) -> np.ndarray | list[str]:
        """The goal image as small as the model sees it, or what kind of goal it is, in lines of words."""
        goal = self._goal
        if goal.kind == Goal.IMAGE:
            observation = image_alone(
                self._display.contract, self._display.decode(goal.image), goal.image.header.frame_id
            )
            (picture,) = observation.images.values()
            return picture
        return _words(goal)


def _straight(step: Step) -> bool:
    """Whether its plan is for the goal itself, not for a place on the way."""
    return step.way in (DIRECT, UNKNOWN)


def _words(goal: Goal) -> list[str]:
    """A goal that is no image, as people would say it."""
    if goal.kind == Goal.STATE:
        values = [f"{name} = {value:.4g}" for name, value in zip(goal.state_names, goal.state)]
        more = ["..."] if len(values) > MOST_VALUES else []
        return ["measured values:", *values[:MOST_VALUES], *more]
    return ["the saved goal", goal.name] if goal.kind == Goal.NAMED else ["a latent"]
