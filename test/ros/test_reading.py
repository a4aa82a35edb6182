"""What came in and was not taken before nobody spins any more can still be had."""

from __future__ import annotations

import time

import pytest
from harness.graph import PATIENCE
from rclpy.duration import Duration
from rclpy.node import Node
from std_msgs.msg import String

from jepa_ros.ros.base.reading import read, subscribe, take_waiting
from jepa_ros.ros.client.client import wait_for


@pytest.fixture
def told(graph):
    """A subscription that no executor serves, what it has handed over, and how to send it something."""
    heard: list[str] = []
    node = Node("unserved", context=graph.context, use_global_arguments=False)
    subscription = subscribe(node, String, "words", lambda data, _info: heard.append(read(data, String).data), 10)
    publisher = node.create_publisher(String, "words", 10)
    wait_for(publisher.get_subscription_count, PATIENCE, "who listens")

    def say(*words: str) -> None:
        for word in words:
            publisher.publish(String(data=word))
        assert publisher.wait_for_all_acked(Duration(seconds=PATIENCE))

    yield subscription, heard, say
    node.destroy_node()


def test_what_waits_is_handed_over_in_order(told):
    subscription, heard, say = told
    say("one", "two", "three")
    assert heard == []
    take_waiting(subscription, time.time_ns())
    assert heard == ["one", "two", "three"]
    take_waiting(subscription, time.time_ns())
    assert heard == ["one", "two", "three"]


def test_who_goes_on_talking_does_not_keep_it_for_good(told):
    subscription, heard, say = told
    until = time.time_ns()
    say("late", "later", "latest")
    take_waiting(subscription, until)
    assert heard == ["late"]
