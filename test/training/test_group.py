"""Several processes under torchrun against one, both with the same global batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from jepa_ros.training import Group
from jepa_ros.training.chance import Chance

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Where one process, and two, left what they trained."""
    folder = tmp_path_factory.mktemp("together")
    torchrun = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    for way in ((), torchrun):
        answer = subprocess.run(
            [sys.executable, *way, HERE / "together.py", folder],
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert answer.returncode == 0, answer.stderr
    return folder


@pytest.mark.parametrize("collapse", ["sigreg", "vicreg", "ema"])
def test_two_processes_give_the_losses_and_weights_of_one(trained, collapse):
    for part, tolerance in (("curves", 2e-4), ("weights", 2e-4)):
        alone = load_file(trained / f"{collapse}.1.0.{part}")
        for rank in (0, 1):
            together = load_file(trained / f"{collapse}.2.{rank}.{part}")
            torch.testing.assert_close(together, alone, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("collapse", ["sigreg", "vicreg", "ema"])
def test_both_processes_end_with_the_very_same_weights(trained, collapse):
    one, other = (load_file(trained / f"{collapse}.2.{rank}.weights") for rank in (0, 1))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_parts_of_a_group_make_up_what_one_process_draws():
    def draw(group):
        chance = Chance(3, 14, group)
        chance.begin()
        rows = 12 // group.size
        return chance.uniform(rows, 2), chance.normal(rows, 3), torch.from_numpy(chance.indices(1000, 12))

    parts = zip(*(draw(Group(rank, 3)) for rank in range(3)))
    for whole, part in zip(draw(Group()), parts):
        assert torch.equal(whole, torch.cat(part))


def test_a_batch_that_cannot_be_shared_evenly_is_refused():
    with pytest.raises(ValueError, match="a batch of 10 can't be shared by 3 processes; choose a multiple"):
        Group(0, 3).part(torch.zeros(10))
