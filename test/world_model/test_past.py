import numpy as np
import pytest
import torch

from jepa_ros.world_model import Architecture, Calibration, Design, Past, Percept, SurpriseMonitor, WorldModel

PERIOD = 100_000_000  # ns, the contract's
FRAME = PERIOD // 3
UNIT = Calibration(state_mean=(0.0, 0.0), state_scale=(1.0, 1.0), action_scale=(1.0, 1.0), surprise_errors=(0.5,))


def model_with(contract, history, block):
    torch.manual_seed(0)
    design = Design(history=history, action_block=block, latent_size=2)
    return WorldModel(Architecture.of(contract, design), contract, UNIT, "back").requires_grad_(False)


def latent(number):
    return torch.full((1, 1, 2), float(number))


def fed(past, stamps):
    """Latents that are the numbers of their frames."""
    for number, stamp in enumerate(stamps):
        past.add(stamp, latent(number))
    return past


def numbers(context):
    return context[0, :, 0, 0].tolist()


def test_the_context_is_the_newest_latent_and_those_one_and_two_periods_back(contract):
    past = fed(Past(model_with(contract, 3, 1)), [FRAME * frame for frame in range(20)])
    assert numbers(past.context()) == [13, 16, 19]


def test_with_blocks_the_past_lies_whole_steps_apart(contract):
    past = fed(Past(model_with(contract, 2, 2)), [FRAME * frame for frame in range(20)])
    assert numbers(past.context()) == [13, 19]


def test_the_newest_is_predicted_from_the_context_of_one_step_ago(contract):
    past = fed(Past(model_with(contract, 2, 1)), [FRAME * frame for frame in range(20)])
    stamp, context = past.before()
    assert (stamp, numbers(context)) == (16 * FRAME, [13, 16])


def test_a_young_stream_has_a_short_context_and_nothing_to_be_predicted_from(contract):
    past = fed(Past(model_with(contract, 3, 1)), [0, PERIOD])
    assert numbers(past.context()) == [0, 1]
    assert past.before() is None


def test_before_anything_came_there_is_no_context(contract):
    past = Past(model_with(contract, 2, 1))
    assert past.before() is None
    with pytest.raises(ValueError, match="nothing has been perceived"):
        past.context()


def test_what_lies_behind_a_gap_is_not_looked_at(contract):
    stamps = [0, PERIOD, 2 * PERIOD, 4 * PERIOD, 5 * PERIOD]
    past = fed(Past(model_with(contract, 4, 1)), stamps)
    assert numbers(past.context()) == [3, 4]


def test_a_clock_that_jumps_back_makes_a_new_past(contract):
    past = fed(Past(model_with(contract, 3, 1)), [10 * PERIOD, 11 * PERIOD, 0])
    assert numbers(past.context()) == [2]


def test_stamps_may_be_off_by_a_quarter_of_a_period_and_no_more(contract):
    slightly, much = PERIOD // 5, PERIOD // 3
    assert numbers(fed(Past(model_with(contract, 2, 1)), [0, PERIOD + slightly]).context()) == [0, 1]
    assert numbers(fed(Past(model_with(contract, 2, 1)), [0, PERIOD + much]).context()) == [1]


def test_nothing_older_than_needed_is_kept(contract):
    past = fed(Past(model_with(contract, 2, 1)), [FRAME * frame for frame in range(1000)])
    assert len(past._kept) < 10


def test_surprise_compares_with_a_prediction_from_the_past_under_each_periods_action(contract):
    model = model_with(contract, 2, 2)
    monitor = SurpriseMonitor(model, Past(model))
    asked = []

    def action(start_ns, end_ns):
        asked.append((start_ns, end_ns))
        return np.array([start_ns, end_ns], np.float32) / PERIOD

    found = [monitor.observe(period * PERIOD, Percept(*[latent(period)] * 3), action) for period in range(6)]
    assert [surprise is None for surprise in found] == [True] * 4 + [False] * 2
    assert asked[-2:] == [(3 * PERIOD, 4 * PERIOD), (4 * PERIOD, 5 * PERIOD)]
    context = torch.stack([latent(1), latent(3)], dim=1)
    expected = model.predict(context, torch.tensor([[[3.0, 4.0], [4.0, 5.0]]]))[0, 0]
    assert found[-1].error == pytest.approx(float(model.distance(latent(5)[0], expected)), rel=1e-5)


def test_a_period_without_a_known_command_leaves_no_verdict(contract):
    model = model_with(contract, 1, 2)
    monitor = SurpriseMonitor(model, Past(model))
    action = lambda start_ns, end_ns: None if start_ns == PERIOD else np.zeros(2, np.float32)  # noqa: E731
    found = [monitor.observe(period * PERIOD, Percept(*[latent(0)] * 3), action) for period in range(5)]
    assert [surprise is None for surprise in found] == [True, True, True, True, False]
