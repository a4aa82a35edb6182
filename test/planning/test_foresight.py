"""Planning from where the robot will have got to, when what it sees is old."""

import numpy as np
import pytest
import torch

from jepa_ros.planning import look_ahead
from jepa_ros.world_model import Architecture, Calibration, Design, WorldModel

SECOND = 1_000_000_000
PERIOD = SECOND // 10


def forward(start_ns, end_ns):
    return np.array([0.3, -0.2], np.float32)


def unknown(start_ns, end_ns):
    return None


@pytest.fixture
def seen(model):
    return model.context(torch.randn(1, 1, model.architecture.latent_size, generator=torch.Generator().manual_seed(0)))


def test_what_is_seen_at_once_needs_no_foresight(model, seen):
    assert torch.equal(look_ahead(model, seen, SECOND, SECOND, forward), seen)


def test_whole_periods_are_predicted_one_after_the_other(model, seen):
    ahead = look_ahead(model, seen, SECOND, SECOND + 2 * PERIOD, forward)
    predicted = model.predict(seen, torch.from_numpy(forward(0, 0)).expand(1, 2, 2))[:, 1]
    torch.testing.assert_close(ahead[:, -1], predicted)


def test_of_a_period_that_has_not_passed_only_a_share_counts(model, seen):
    whole, quarter = (look_ahead(model, seen, 0, part, forward) - seen for part in (PERIOD, PERIOD // 4))
    torch.testing.assert_close(quarter, 0.25 * whole)


def test_a_robot_that_nobody_commanded_has_stayed(model, seen):
    assert torch.equal(look_ahead(model, seen, SECOND, SECOND + 2 * PERIOD, unknown), seen)


@pytest.mark.parametrize("seen_ns", [100 * SECOND, 110 * SECOND], ids=["long ago", "in the future"])
def test_a_stamp_of_another_clock_foresees_nothing(model, seen, seen_ns):
    assert torch.equal(look_ahead(model, seen, seen_ns, 105 * SECOND, forward), seen)


def test_a_model_that_looks_back_keeps_its_past_in_order(contract):
    design = Design(history=3, action_block=2, latent_size=4, predictor_width=32)
    unit = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(1.0, 1.0))
    model = WorldModel(Architecture.of(contract, design), contract, unit, "blocks").requires_grad_(False)
    seen = torch.randn(1, 3, 1, 4)
    ahead = look_ahead(model, seen, 0, 2 * PERIOD, forward)
    torch.testing.assert_close(ahead[:, :2], seen[:, 1:])
    torch.testing.assert_close(ahead[:, 2:], model.predict(seen, torch.from_numpy(forward(0, 0)).expand(1, 2, 2)))
