import pytest
import torch
from safetensors.torch import load_file

from jepa_ros.training import Checkpoints, Recipe, TrainingError, make_model
from jepa_ros.training.amount import HELD_OUT
from jepa_ros.training.split import split

SHORT = Recipe(steps=40, batch=16, seed=1)


def changed(**fields):
    return Recipe.model_validate({**SHORT.model_dump(), **fields})


def test_a_loss_that_is_no_number_ends_with_advice(contract, episodes):
    with pytest.raises(TrainingError, match=r"step 25: the .* loss is not a finite number; lower learning_rate"):
        make_model(contract, episodes, changed(learning_rate=1e30), "small")


def test_weights_that_are_no_numbers_are_never_kept(contract, episodes, tmp_path):
    checkpoints = Checkpoints(tmp_path, seconds=0.0)
    with pytest.raises(TrainingError, match=r"not a finite number; lower learning_rate.*of step 1, is"):
        make_model(contract, episodes, changed(learning_rate=1e30), "small", checkpoints=checkpoints)
    assert all(tensor.isfinite().all() for tensor in load_file(checkpoints.file).values())


def test_collapse_ends_with_advice(contract, episodes):
    weights = {"inverse_dynamics": 0, "state_readout": 0, "sigreg": 0, "temporal_similarity": 50}
    with pytest.raises(TrainingError, match=r"latents have collapsed.*raise the weight of sigreg.*`collapse`"):
        make_model(contract, episodes, changed(steps=200, batch=4, weights=weights), "small")


@pytest.mark.parametrize(
    "exhaust", [lambda now: torch.empty(1 << 60, dtype=torch.uint8), lambda now: bytearray(1 << 60)]
)
def test_running_out_of_memory_ends_with_advice(contract, episodes, tmp_path, exhaust):
    with pytest.raises(TrainingError, match=r"out of memory; lower batch or frames.*no checkpoint yet"):
        make_model(contract, episodes, SHORT, "small", on_progress=exhaust, checkpoints=Checkpoints(tmp_path))


def test_a_programming_error_is_not_taken_for_a_lack_of_memory(contract, episodes):
    def fail(now):
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        make_model(contract, episodes, SHORT, "small", on_progress=fail)


def test_too_little_data_says_how_much_there_is_and_how_much_is_needed(contract, episodes):
    few, _ = split(episodes, 0.97)
    with pytest.raises(
        TrainingError, match=rf"0.03 minutes make 22 windows.* at least 64 and {HELD_OUT} are needed, 0.10 minutes"
    ):
        make_model(contract, few, Recipe(), "small")
