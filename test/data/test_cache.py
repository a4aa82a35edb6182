"""What was decoded once is read back, unless anything that it depends on has changed or it is not whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import Contract
from jepa_ros.data.bags.bag import BagWriter
from jepa_ros.data.cache.cache import CacheError, Unkept
from jepa_ros.data.cache.shelf import Shelf
from jepa_ros.data.episodes import load_episodes
from jepa_ros.data.recording import RecordingError

SECOND = 10**9
TEXT = """
robot_type: tank
robot_interface: ros2
fps: 10
observations:
  observation.images.gauge:
    channel: {topic: camera/image_raw, type: sensor_msgs/msg/Image}
    align: {strategy: asof, timeline: receive, tolerance_ms: 150}
    apply: [resize: [24, 32]]
  observation.state:
    channel: {topic: level, type: std_msgs/msg/Float64}
    align: {strategy: asof, timeline: receive, tolerance_ms: 150}
actions:
  action:
    channel: {topic: valve, type: std_msgs/msg/Float64, safety: zeros}
    align: {strategy: asof, timeline: receive, tolerance_ms: 300}
"""
GAUGE = "observation.images.gauge"
FRAMES = 60


@pytest.fixture
def contract():
    return Contract.parse(TEXT)


@pytest.fixture
def bag(tmp_path):
    return record(tmp_path / "run")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def record(path, grey=0):
    """Six seconds at 10 Hz, with 0.5 s of silent sensor after half of it."""
    with BagWriter(path, TEXT) as writer:
        for tick in range(FRAMES):
            stamp_ns = 100 * SECOND + tick * SECOND // 10
            if not 30 <= tick < 35:
                writer.write("level", "std_msgs/msg/Float64", {"data": float(tick)}, stamp_ns)
            writer.write("valve", "std_msgs/msg/Float64", {"data": float(tick)}, stamp_ns + 1)
            pixels = np.full(24 * 32 * 3, tick + grey, np.uint8)
            image = {"height": 24, "width": 32, "encoding": "rgb8", "step": 96, "data": pixels}
            writer.write("camera/image_raw", "sensor_msgs/msg/Image", image, stamp_ns + 2)
    return path


def spoil(bag):
    """Overwrite a bag, and leave name, size and time of its file: what is read after this was kept."""
    (file,) = bag.glob("*.mcap")
    before = file.stat()
    file.write_bytes(bytes(before.st_size))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def load(bag, contract, cache, told=None):
    return load_episodes(bag, contract, warn=(told if told is not None else []).append, cache=cache)


def assert_same(one, other):
    assert len(one) == len(other)
    for first, second in zip(one, other):
        assert np.array_equal(first.images[GAUGE], second.images[GAUGE])
        for name in ("state", "actions", "stamps_ns"):
            assert np.array_equal(getattr(first, name), getattr(second, name))
            assert getattr(first, name).dtype == getattr(second, name).dtype
        assert (first.stride, first.source) == (second.stride, second.source)


def test_a_recording_is_decoded_once_and_its_problems_are_told_each_time(bag, contract, cache):
    first_told, second_told = [], []
    decoded = load(bag, contract, cache, first_told)
    spoil(bag)
    kept = load(bag, contract, cache, second_told)
    assert len(kept) == 2  # before and after the silence
    assert_same(decoded, kept)
    assert first_told == second_told
    assert any("level was silent" in sentence for sentence in second_told)


def test_with_and_without_a_cache_the_same_comes_out(bag, contract, cache):
    assert_same(load(bag, contract, None), load(bag, contract, cache))


def test_pictures_are_maps_of_files_and_slices_of_them_are_views(bag, contract, cache):
    for episodes in (load(bag, contract, cache), load(bag, contract, cache), load(bag, contract, None)):
        pictures = episodes[0].images[GAUGE]
        part = pictures[3:9]
        assert not pictures.flags.writeable
        assert np.shares_memory(part, pictures)
        base = pictures
        while base.base is not None and not isinstance(base, np.memmap):
            base = base.base
        assert isinstance(base, np.memmap)


def test_without_a_cache_nothing_is_left_behind(bag, contract, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (episode, _) = load(bag, contract, None)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert episode.images[GAUGE][5, 0, 0, 0] == 5


def test_a_bag_that_was_recorded_anew_is_decoded_anew(bag, contract, cache, tmp_path):
    load(bag, contract, cache)
    for file in bag.iterdir():
        file.unlink()
    bag.rmdir()
    record(bag, grey=100)
    assert load(bag, contract, cache)[0].images[GAUGE][0, 0, 0, 0] == 100


def test_another_contract_or_namespace_has_an_entry_of_its_own(bag, contract, cache):
    load(bag, contract, cache)
    small = Contract.parse(TEXT.replace("[24, 32]", "[6, 8]"))
    assert load(bag, small, cache)[0].images[GAUGE].shape[1:] == (6, 8, 3)
    with pytest.raises(RecordingError, match="not in"):
        load_episodes(bag, contract, "elsewhere", cache=cache)


def test_only_a_new_bag_among_old_ones_is_decoded(bag, contract, cache, tmp_path):
    load(bag, contract, cache)
    spoil(bag)
    other = record(tmp_path / "second", grey=100)
    seen = []
    episodes = load_episodes(
        [bag, other], contract, progress=lambda *now: seen.append(now), warn=lambda _: None, cache=cache
    )
    assert [int(item.images[GAUGE][0, 0, 0, 0]) for item in episodes] == [0, 35, 100, 135]
    assert seen[-1] == (350, 350)


def cut(file):
    os.truncate(file, file.stat().st_size - 10)


def garble(file):
    file.write_bytes(b"{" + os.urandom(500))


@pytest.mark.parametrize("harm", [cut, garble, Path.unlink])
@pytest.mark.parametrize("name", ["0.npy", "numbers.npz", "entry.json"])
def test_a_damaged_entry_is_made_anew(bag, contract, cache, name, harm):
    decoded = load(bag, contract, None)
    load(bag, contract, cache)
    (file,) = cache.glob(f"*/{name}")
    harm(file)
    assert_same(load(bag, contract, cache), decoded)
    spoil(bag)
    assert_same(load(bag, contract, cache), decoded)


def test_entries_that_nobody_used_for_a_month_go_when_a_new_one_is_made(bag, contract, cache, tmp_path):
    load(bag, contract, cache)
    (about,) = cache.glob("*/entry.json")
    old = time.time() - 31 * 86400
    os.utime(about, (old, old))
    load(bag, contract, cache)  # reading is using
    load(record(tmp_path / "second"), contract, cache)
    assert about.exists()
    os.utime(about, (old, old))
    load(record(tmp_path / "third"), contract, cache)
    assert not about.exists()
    assert len(list(cache.iterdir())) == 2


def run(script, *arguments):
    """Run a script with this contract and `load_episodes` at hand."""
    text = f"TEXT = {TEXT!r}\n" + textwrap.dedent("""
        import os, resource, signal, sys
        from pathlib import Path
        from jepa_ros.contract import Contract
        from jepa_ros.data.episodes import load_episodes
        bag, cache = map(Path, sys.argv[1:])
    """)
    command = [sys.executable, "-c", text + textwrap.dedent(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_run_that_was_killed_leaves_nothing_that_is_taken_for_whole(bag, contract, cache):
    done = run(
        """
        from jepa_ros.data.cache.shelf import Shelf
        finish = Shelf.finish
        def kill(shelf):
            finish(shelf)
            os.kill(os.getpid(), signal.SIGKILL)
        Shelf.finish = kill
        load_episodes(bag, Contract.parse(TEXT), cache=cache)
        """,
        bag,
        cache,
    )
    assert done.returncode == -signal.SIGKILL
    assert [path.suffix for path in cache.iterdir()] == [".partial"]
    assert sum(map(len, load(bag, contract, cache))) == FRAMES - 4  # the tolerance bridges the first silent tick
    assert [path.suffix for path in cache.iterdir()] == [""]


def test_what_somebody_else_is_making_at_the_moment_is_left_alone(bag, contract, cache, tmp_path):
    other = record(tmp_path / "other")

    def meanwhile(done, _total):
        if done == 0:
            load(other, contract, cache)
            assert sorted(path.suffix for path in cache.iterdir()) == ["", ".partial"]

    load_episodes(bag, contract, progress=meanwhile, warn=lambda _: None, cache=cache)
    assert [path.suffix for path in cache.iterdir()] == ["", ""]
    spoil(bag)
    assert len(load(bag, contract, cache)) == 2


def test_a_full_disk_is_told_with_place_and_need_and_the_next_run_works(bag, contract, cache):
    done = run(
        """
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        load_episodes(bag, Contract.parse(TEXT), cache=cache)
        """,
        bag,
        cache,
    )
    assert done.returncode == 1
    error = done.stderr.strip().splitlines()[-1]
    assert f"CacheError: no room for decoded frames in {cache}: File too large; 0.1 MB are needed, " in error
    assert list(cache.iterdir()) == []
    assert len(load(bag, contract, cache)) == 2


def test_a_disk_that_is_too_small_is_refused_before_anything_is_decoded(tmp_path):
    def decode(shelf):
        shelf.announce(10**12)

    with pytest.raises(CacheError, match=r"no room .*: No space left on device; 3000000000000\.0 MB are needed, "):
        Unkept().make("key", {"camera": (1000, 1000)}, decode)


def test_a_folder_that_cannot_be_made_is_named(bag, contract, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match=rf"cannot be kept in {tmp_path}/file/cache: Not a directory"):
        load(bag, contract, tmp_path / "file" / "cache")


def test_a_shelf_holds_several_cameras_and_none(tmp_path):
    sizes = {"a/b": (2, 3), "c": (4, 5)}
    shelf = Shelf(tmp_path, sizes)
    for grey in range(1200):
        shelf.add({key: np.full((*size, 3), grey % 256, np.uint8) for key, size in sizes.items()})
    pictures = shelf.finish()
    assert pictures["a/b"].shape == (1200, 2, 3, 3)
    assert np.array_equal(pictures["c"][:, 3, 4, 2], np.arange(1200) % 256)
    assert Shelf(tmp_path, {}).finish() == {}
    assert Shelf(tmp_path, sizes).finish()["c"].shape == (0, 4, 5, 3)
