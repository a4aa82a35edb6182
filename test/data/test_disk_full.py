"""A disk that fills up while a bag is recorded ends the recording in one sentence, and keeps what was recorded."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from jepa_ros.data.bags.bag import read_bag
from jepa_ros.data.recording import RecordingError
from jepa_ros.data.sources import find_recordings

SCRIPT = """
    import resource, sys
    import numpy as np
    from jepa_ros.data.bags.bag import BagError, BagWriter

    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    try:
        with BagWriter(sys.argv[1], "robot_type: demo") as writer:
            for index in range(100):
                grain = np.random.default_rng(index).integers(0, 256, 100_000, np.uint8)
                writer.write("image", "sensor_msgs/msg/Image", {"height": index, "data": grain}, index * 10**8)
    except BagError as error:
        print(error)
"""


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The folder of a recording that ran into the limit, and what was said."""
    folder = tmp_path_factory.mktemp("full")
    command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(folder / "run")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return folder, done.stdout


def test_one_sentence_names_the_path_the_reason_and_what_is_kept(full):
    folder, said = full
    assert said.startswith(f"{folder / 'run'} cannot be written on: File too large; what was recorded is at ")
    assert said.strip().endswith(str(folder / "run.partial" / "run"))
    assert len(said.splitlines()) == 1


def test_what_was_recorded_is_kept_and_said_to_be_unfinished(full):
    with read_bag(full[0] / "run.partial" / "run") as bag:
        heights = [item.message.height for item in bag.messages(["image"])]
        assert heights == list(range(len(heights)))
        assert len(heights) >= 10
        assert any("not finished" in sentence for sentence in bag.damage)


def test_half_a_recording_is_never_found_as_a_whole_one(full):
    assert not (full[0] / "run").exists()
    with pytest.raises(RecordingError, match="holds no bag"):
        find_recordings([full[0]])
