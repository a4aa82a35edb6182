"""Verdicts that no world model of this robot has given: they neither end a motion nor slow it, and are told of."""

from __future__ import annotations

import math

import numpy as np
import pytest
from harness.goals import assert_reached, see
from harness.stack import values

from jepa_ros.evaluation.legality import path
from jepa_ros.ros.base.reading import read, subscribe
from jepa_ros_interfaces.msg import Surprise

FAR = (-1.6, 1.6)
TOPIC = "world_model/surprise"
UNLIKELY = 1e-4
FORGERIES = {
    "another model's": ({"model": "other@12345678"}, "surprise of model other@12345678"),
    "of a p-value that is no number": ({"p_value": math.nan}, "p-value nan"),
    "of an infinite error": ({"error": math.inf}, "error inf"),
}


@pytest.fixture
def forge(stack):
    """Follows up every true verdict with one that is forged at once, so that the newest there is is never true."""
    publisher = stack.node.create_publisher(Surprise, TOPIC, 10)
    forgery: dict[str, object] = {}

    def answer(data: bytes, _info) -> None:
        verdict = read(data, Surprise)
        fields = {"error": 1.0, "p_value": UNLIKELY, "anomalous": True, "model": verdict.model, **forgery}
        if forgery and not verdict.anomalous:
            publisher.publish(Surprise(header=verdict.header, **fields))

    subscription = subscribe(stack.node, Surprise, TOPIC, answer, 10)
    yield forgery.update
    stack.node.destroy_subscription(subscription)
    stack.node.destroy_publisher(publisher)


@pytest.mark.parametrize(("fields", "words"), FORGERIES.values(), ids=FORGERIES)
def test_a_verdict_that_is_none_of_the_model_s_is_told_of_and_changes_no_motion(
    stack, robot, operator, forge, fields, words
):
    forge(fields)
    sent = operator.move(see(*FAR))
    status = stack.health("planner", lambda status: words in values(status)["last problem"])
    assert TOPIC in values(status)["last problem"]
    assert_reached(sent.ending(), robot, FAR)
    assert all(0 < feedback.p_value <= 1 for feedback in sent.feedback)
    assert max(np.abs(path(command.message).velocities).max() for command in robot.commands) > 0.9
