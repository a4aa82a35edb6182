import math

import pytest
import torch

from jepa_ros.training.losses import Sequences
from jepa_ros.training.measures import action_sensitivity, effective_rank


def test_the_effective_rank_counts_directions():
    assert effective_rank(torch.eye(8)) == pytest.approx(8)
    assert effective_rank(torch.diag(torch.tensor([4.0, 4.0, 0.0, 0.0]))) == pytest.approx(2)
    noise = torch.randn(5000, 8, generator=torch.Generator().manual_seed(0))
    assert effective_rank(noise.T.cov()) == pytest.approx(8, abs=0.1)
    assert effective_rank((noise[:, :1] @ torch.ones(1, 8)).T.cov()) == pytest.approx(1, abs=1e-2)
    assert math.isnan(effective_rank(torch.full((2, 2), torch.nan)))


def predicted(under_actions):
    """A point that moves by one in a period, and what is predicted of it."""
    frames = torch.arange(4.0)[None, :, None].expand(5, 4, 3)
    nothing = torch.zeros(5, 3, 1)
    return Sequences(frames, frames, frames[:, 1:] if under_actions else 0 * frames[:, 1:], nothing, nothing, {})


def test_sensitivity_is_one_where_all_motion_follows_from_actions_and_zero_where_none_does():
    assert action_sensitivity(predicted(True), predicted(False)) == pytest.approx(1)
    assert action_sensitivity(predicted(True), predicted(True)) == 0
