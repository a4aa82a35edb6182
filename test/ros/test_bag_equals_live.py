"""What the node computes from a live stream equals what is computed from a bag of that stream, frame for frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from harness.graph import Listener
from harness.robot import CAMERA, COMMANDS, JOINTS, as_ros

from jepa_ros.contract import Contract, Observation, Reference
from jepa_ros.data.bags.bag import BagWriter, read_bag
from jepa_ros.data.cache.shelf import Shelf
from jepa_ros.data.episodes import load_episodes
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.data.replay import Replay
from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.wire.messages import stamp_ns
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import SensorMessage, SimulatedRobot
from jepa_ros_interfaces.msg import LatentState

TICKS = 40  # contract periods of exploring
SAME = 1e-6


def exploring(contract: Contract) -> Iterator[SensorMessage]:
    """What an exploring arm says and is told, in order."""
    robot = SimulatedRobot(contract, PlanarArm(5))
    explorer, reference = Explorer(contract, 5), Reference(contract)
    for tick in range(TICKS):
        yield from robot.advance(contract.period if tick else 0.0)
        state = robot.body.position
        action = explorer.command(state, reference.at(robot.now_ns, state).command)
        for topic, (kind, fields) in reference.command(action, state, robot.now_ns).items():
            yield SensorMessage(topic, kind, fields, robot.now_ns)
            robot.receive(topic, fields)


def with_accidents(messages: list[SensorMessage]) -> Iterator[SensorMessage]:
    """The same stream with what happens to streams: losses, repetitions, lateness, nonsense."""
    images = 0
    for number, message in enumerate(messages):
        if message.topic == JOINTS and 200 <= number < 225:
            continue  # silence, long enough for a gap
        images += message.topic == CAMERA
        if message.topic == CAMERA and images == 20:
            yield message  # twice
        if message.topic == CAMERA and images == 30:
            yield message._replace(fields={**message.fields, "encoding": "nonsense"})
            continue
        if message.topic == CAMERA and images == 40:
            continue  # it comes late
        yield message
        if message.topic == CAMERA and images == 41:
            late = next(m for m in messages[:number][::-1] if m.topic == CAMERA)
            yield late._replace(stamp_ns=message.stamp_ns)  # when it comes; the header tells when it was taken
        if message.topic == JOINTS and number % 40 == 0:
            yield message._replace(fields={**message.fields, "position": np.array([np.nan, 0.0])})


@pytest.fixture(scope="module")
def stream(contract) -> list[SensorMessage]:
    return list(with_accidents(list(exploring(contract))))


@pytest.fixture(scope="module")
def bag(contract, stream, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bag") / "stream"
    with BagWriter(path, contract.text) as writer:
        for message in stream:
            writer.write(*message)
    return path


@pytest.fixture(scope="module")
def live(shared, stream, bag, contract) -> dict[int, np.ndarray]:
    """Stamp → latent, of the running node that is given the same messages in the same order."""
    stack, robot = shared
    frames = set(stamps_of(bag, contract))
    latents = Listener(stack.node, LatentState, "world_model/latent", 1000)
    with robot.silent(CAMERA), robot.silent(JOINTS):
        robot.wait_images(3)
        latents.messages.clear()
        for message in stream:
            if message.topic == COMMANDS:
                continue  # latents do not depend on commands
            said = as_ros(message)
            robot.publish(message.topic, said)
            # The node has one thread: when it answers, it has taken what came before
            assert stack.state("world_model") == "active"
            if message.topic == CAMERA and stamp_ns(said.header) in frames:
                wait_for(lambda header=said.header: header in [m.header for m in latents.messages], 10.0, "a latent")
    latents.close()
    assert len({stamp_ns(m.header) for m in latents.messages}) == len(latents.messages)
    return {stamp_ns(m.header): np.array(m.data, np.float32) for m in latents.messages}


def stamps_of(bag: Path, contract: Contract) -> list[int]:
    with read_bag(bag) as content:
        frames = Replay(content, contract).frames(Shelf(bag.parent, contract.images))
        return [stamp for chapter in frames for stamp in chapter.stamps_ns]


def test_live_there_are_exactly_the_frames_that_the_bag_has(live, bag, contract, stream):
    expected = stamps_of(bag, contract)
    images = sum(message.topic == CAMERA for message in stream)
    assert TICKS < len(expected) < images  # some were lost to the accidents
    assert list(live) == expected


def test_live_every_latent_is_that_of_the_bag(live, bag, contract, model):
    episodes = load_episodes(bag, contract, warn=lambda text: None)
    compared = 0
    for episode in episodes:
        for index, stamp in enumerate(episode.stamps_ns.tolist()):
            images = {key: frames[index] for key, frames in episode.images.items()}
            offline = model.encode(Observation(stamp, images, episode.state[index])).flatten().numpy()
            np.testing.assert_allclose(live[stamp], offline, atol=SAME, rtol=0)
            compared += 1
    assert compared > TICKS
