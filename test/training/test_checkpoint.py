import multiprocessing
import os
import resource
import signal
import time
from contextlib import contextmanager

import pytest
import torch

from jepa_ros.training import Checkpoints, Interrupted, Recipe, TrainingError, make_model, save

RECIPE = Recipe(steps=30, batch=8, seed=2)


@contextmanager
def largest_file(size):
    """As on a disk with so many bytes left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def stop_at(step):
    return lambda now: os.kill(os.getpid(), signal.SIGTERM) if now.step == step else None


def equal(one, other):
    pairs = zip(one.model.state_dict().values(), other.model.state_dict().values())
    return all(torch.equal(a, b) for a, b in pairs) and one.model.calibration == other.model.calibration


@pytest.fixture(scope="module", params=["sigreg", "ema"])
def recipe(request):
    return Recipe(**{**RECIPE.model_dump(exclude={"weights", "collapse"}), "collapse": request.param})


@pytest.fixture(scope="module")
def whole(contract, episodes, recipe):
    return make_model(contract, episodes, recipe, "whole")


def test_a_training_that_is_stopped_goes_on_to_the_same_result(contract, episodes, recipe, whole, tmp_path):
    def train(on_progress):
        return make_model(contract, episodes, recipe, "x", on_progress=on_progress, checkpoints=Checkpoints(tmp_path))

    with pytest.raises(Interrupted, match=r"stopped after step 26 of 30.*of step 26, is .*checkpoint"):
        train(stop_at(25))
    seen = []
    resumed = train(seen.append)
    assert [now.step for now in seen] == [30]
    assert equal(resumed, whole)
    assert equal(train(seen.append), whole)  # a finished one that was not written yet is not trained again


def train_with_many_checkpoints(contract, episodes, folder):
    torch.set_num_threads(1)
    make_model(contract, episodes, RECIPE, "x", checkpoints=Checkpoints(folder, seconds=0.0))


def test_a_training_killed_while_writing_goes_on_to_the_same_result(contract, episodes, tmp_path):
    aside = tmp_path / "checkpoint.new"
    for _ in range(4):
        process = multiprocessing.get_context("fork").Process(
            target=train_with_many_checkpoints, args=(contract, episodes, tmp_path)
        )
        process.start()
        written = aside.with_suffix(".safetensors")
        before = written.stat().st_mtime_ns if written.exists() else 0
        while process.is_alive() and not (written.exists() and written.stat().st_mtime_ns > before and aside.exists()):
            time.sleep(0.0002)
        process.kill()
        process.join()
    assert process.exitcode == -signal.SIGKILL
    assert aside.exists()  # it was hit in the midst of writing
    resumed = make_model(contract, episodes, RECIPE, "x", checkpoints=Checkpoints(tmp_path))
    assert equal(resumed, make_model(contract, episodes, RECIPE, "x"))


@pytest.fixture(scope="module")
def unfinished(contract, episodes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unfinished")
    with pytest.raises(Interrupted):
        make_model(contract, episodes, RECIPE, "x", on_progress=stop_at(25), checkpoints=Checkpoints(folder))
    return folder


def test_another_recipe_or_other_data_are_named(contract, episodes, unfinished):
    other = RECIPE.model_copy(update={"learning_rate": 5e-4})
    with pytest.raises(TrainingError, match=r"learning_rate \(0.003 then, 0.0005 now\).*--resume changed"):
        make_model(contract, episodes, other, "x", checkpoints=Checkpoints(unfinished))
    with pytest.raises(TrainingError, match=r"the data \(1 episodes of .* then, 2 episodes"):
        make_model(contract, [*episodes, *episodes], RECIPE, "x", checkpoints=Checkpoints(unfinished))


@pytest.mark.parametrize(("resume", "first"), [("changed", 30), ("anew", 25)])
def test_one_may_go_on_all_the_same_or_begin_anew(contract, episodes, unfinished, tmp_path, resume, first):
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "checkpoint.safetensors").write_bytes((unfinished / "checkpoint.safetensors").read_bytes())
    other, seen = RECIPE.model_copy(update={"learning_rate": 5e-4}), []
    make_model(contract, episodes, other, "x", on_progress=seen.append, checkpoints=Checkpoints(folder, resume=resume))
    assert seen[0].step == first


def test_a_checkpoint_without_what_the_new_recipe_needs_is_refused(contract, episodes, unfinished):
    other = Recipe(**RECIPE.model_dump(exclude={"weights", "collapse"}), collapse="ema")
    with pytest.raises(TrainingError, match=r"has no teacher.*--resume anew"):
        make_model(contract, episodes, other, "x", checkpoints=Checkpoints(unfinished, resume="changed"))


def test_half_a_checkpoint_is_never_read_as_whole(contract, episodes, unfinished, tmp_path):
    whole = (unfinished / "checkpoint.safetensors").read_bytes()
    for length in (0, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "checkpoint.safetensors").write_bytes(whole[:length])
        with pytest.raises(TrainingError, match=r"no whole checkpoint.*--resume anew"):
            make_model(contract, episodes, RECIPE, "x", checkpoints=Checkpoints(tmp_path))


def test_a_full_disk_ends_in_one_message_and_the_last_good_checkpoint_stays(contract, episodes, unfinished, tmp_path):
    file = tmp_path / "checkpoint.safetensors"
    file.write_bytes((unfinished / "checkpoint.safetensors").read_bytes())
    with largest_file(1_000_000), pytest.raises(TrainingError, match=r"disk is full.*of step 26, is .*checkpoint"):
        make_model(contract, episodes, RECIPE, "x", checkpoints=Checkpoints(tmp_path, seconds=0.0))
    assert file.read_bytes() == (unfinished / "checkpoint.safetensors").read_bytes()


def test_checkpoints_stay_until_the_model_is_written(contract, episodes, tmp_path):
    checkpoints = Checkpoints(tmp_path / "x.training")
    made = make_model(contract, episodes, RECIPE, "x", checkpoints=checkpoints)
    with largest_file(1_000_000), pytest.raises(TrainingError, match=r"disk is full.*of step 30"):
        save(made, tmp_path / "x", checkpoints)
    assert checkpoints.file.exists()
    save(made, tmp_path / "x", checkpoints)
    assert not checkpoints.folder.exists()
