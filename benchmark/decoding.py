"""How much sooner a bag is decoded on two cores than in a plain loop."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from rosbags.rosbag2 import Reader

from benchmark.figures import Figure, conditions
from benchmark.nodes import planar_arm_contract
from jepa_ros.contract import Contract, decode_image, read_values
from jepa_ros.data.bags.bag import read_bag
from jepa_ros.data.bags.messages import Messages
from jepa_ros.data.cache.shelf import Shelf
from jepa_ros.data.parallel import ahead
from jepa_ros.data.recording import Chapter, Reading, Recording, Sample
from jepa_ros.data.replay import Replay
from jepa_ros.evaluation.statistics import ratio_of_medians
from jepa_ros.simulation.recording import record_exploration

SECONDS = 120.0
CORES = 2
ROUNDS = 7

Result = tuple[list[int], np.ndarray, dict[str, np.ndarray]]


class PlainRecording:
    """A bag as a plain loop with the rosbags library reads it."""

    def __init__(self, path: Path) -> None:
        self.path, self.damage, self.contract_text = path, [], None

    def reading(self, contract: Contract, namespace: str = "") -> Reading:
        """The samples of the contract's topics."""
        with Reader(self.path) as reader:
            counts = {connection.topic: connection.msgcount for connection in reader.connections}
        clock = next(iter(contract.images))
        frames = counts[f"/{contract.observations[clock].channel.topic}"]
        return Reading(clock, sum(counts.values()), [Chapter(frames, self._samples(contract))])

    def _samples(self, contract: Contract) -> Iterator[Sample]:
        entries = {f"/{entry.channel.topic}": (key, entry) for key, entry in contract.observations.items()}
        entries |= {f"/{entry.channel.topic}": (key, entry) for key, entry in contract.actions.items()}
        messages = Messages()
        with Reader(self.path) as reader:
            wanted = [connection for connection in reader.connections if connection.topic in entries]
            for connection, stamp_ns, data in reader.messages(wanted):
                message = messages.deserialize(connection.msgtype, data)
                key, entry = entries[connection.topic]
                read = partial(decode_image, message) if entry.is_image else partial(read_values, entry, message)
                stamp = message.header.stamp
                yield Sample(key, read, stamp_ns, stamp.sec * 1_000_000_000 + stamp.nanosec)


def measure(tell: Callable[[float, float], None]) -> dict[str, Figure]:
    """Decode one bag in turn: on two cores, in a plain loop, and in one with the rosbags library."""
    contract = planar_arm_contract()
    with tempfile.TemporaryDirectory() as folder, _on_cores(CORES):
        bag = record_exploration(contract, Path(folder) / "bag", SECONDS)
        ways = {
            "ahead": lambda: read_bag(bag, ahead),
            "plain": lambda: read_bag(bag, map),
            "rosbags": lambda: PlainRecording(bag),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(ROUNDS):
            results = []
            for name, way in ways.items():
                seconds, result = _decode(way(), contract, Path(folder))
                times[name].append(seconds)
                results.append(result)
            for other in results[1:]:
                _check_equal(results[0], other)
            tell(number + 1, ROUNDS)
    return _figures(times)


def _decode(recording: Recording, contract: Contract, folder: Path) -> tuple[float, Result]:
    """Seconds to aligned frames on disk, and the frames."""
    begin = time.perf_counter()
    shelf = Shelf(folder, contract.images)
    (frames,) = Replay(recording, contract).frames(shelf)
    images = shelf.finish()
    seconds = time.perf_counter() - begin
    pictures = {key: np.array(pictures) for key, pictures in images.items()}
    return seconds, (frames.stamps_ns, np.array(frames.states), pictures)


def _check_equal(one: Result, other: Result) -> None:
    """Raise AssertionError where two ways to decode a bag differ by a bit."""
    assert one[0] == other[0]
    np.testing.assert_array_equal(one[1], other[1])
    for key, pictures in one[2].items():
        np.testing.assert_array_equal(pictures, other[2][key])


@contextmanager
def _on_cores(count: int) -> Iterator[None]:
    """This process on so many cores, and OpenCV on one, so that the plain loops are plain."""
    allowed, threads = os.sched_getaffinity(0), cv2.getNumThreads()
    os.sched_setaffinity(0, sorted(allowed)[:count])
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
        cv2.setNumThreads(threads)


def _figures(times: dict[str, list[float]]) -> dict[str, Figure]:
    how = (
        f"{SECONDS:g} simulated s of planar_arm, MCAP with zstd, 640×480 rgb8 at 30 Hz to 64×64, to aligned frames on "
        f"disk; median time over median time of {ROUNDS} rounds in turn, all results equal to the bit; {CORES} cores, "
        "OpenCV on one thread"
    )
    plain = f"against the same code one message after the other in one thread; {how}"
    library = f"against one loop with the rosbags library's reader and the same aligner; {how}"
    return {
        "bag.decode_speedup": _figure(times["rosbags"], times["ahead"], library),
        "bag.decode_speedup.same_code": _figure(times["plain"], times["ahead"], plain),
    }


def _figure(slow: list[float], quick: list[float], how: str) -> Figure:
    ratio, low, high = ratio_of_medians(slow, quick)
    return Figure(ratio, "×", low, high, len(slow), conditions(how))
