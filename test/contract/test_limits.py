"""No command is non-finite, beyond a limit or faster than its rate, and joints stop in time."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jepa_ros.contract import Limits

PERIOD = 0.1
ANY = st.floats(allow_nan=True, allow_infinity=True, width=32)
REAL = st.floats(-3, 3)
WISH = st.floats(-1e3, 1e3) | st.sampled_from([np.nan, np.inf, -np.inf])


def as_numpy(values):
    return np.array(values, np.float64)


def as_numpy_float32(values):
    return np.array(values, np.float32)


def as_torch(values):
    return torch.tensor(values, dtype=torch.float32)


def as_torch_float64(values):
    return torch.tensor(values, dtype=torch.float64)


EVERY = {
    "numpy": as_numpy,
    "numpy float32": as_numpy_float32,
    "torch float32": as_torch,
    "torch float64": as_torch_float64,
}
KINDS = pytest.mark.parametrize("array", EVERY.values(), ids=EVERY)
EXACT = (as_numpy, as_torch_float64)

# What an action can be: a joint's velocity, reached at the end of its period; a base's, which holds at once and moves a
# side of a workspace box; a velocity of what nobody measures or limits; a position.
JOINT, BASE, FREE, POSITION = "joint", "base", "free", "position"


@st.composite
def limits(draw, kinds=(JOINT, BASE, FREE, POSITION)):
    """Limits of all sizes, and none, for three actions of these kinds; ranges of velocities have 0 inside."""
    chosen = [draw(st.sampled_from(kinds)) for _ in range(3)]
    high = [draw(st.floats(0.05, 5) | st.just(np.inf)) for _ in chosen]
    low = [-draw(st.floats(0.05, 5) | st.just(np.inf)) for _ in chosen]
    rate = [draw(st.floats(0.1, 50) | st.just(np.inf)) for _ in chosen]
    position_high = [draw(st.floats(0.1, 3) | st.just(np.inf)) for _ in chosen]
    position_low = [-draw(st.floats(0.1, 3) | st.just(np.inf)) for _ in chosen]
    index = [2, 0, 1]
    for action, kind in enumerate(chosen):
        if kind == FREE:
            index[action] = -1
        if kind == POSITION:
            low[action] = draw(st.floats(-3, 3))
            high[action] = low[action] + draw(st.floats(0.05, 3))
        if kind in (FREE, POSITION):
            position_low[action], position_high[action] = -np.inf, np.inf
    stepped = [kind == BASE for kind in chosen]
    return Limits(low, high, rate, PERIOD, position_low, position_high, index, stepped)


VELOCITIES = (JOINT, BASE, FREE)


def rounding(limits, values):
    """What rounding may add to a step between large values; nothing where bounds say how large."""
    unbounded = np.isinf(limits.low) | np.isinf(limits.high)
    return np.where(unbounded, 1e-6 * np.maximum(1, np.abs(values).max(axis=0)), 0)


def vectors(values):
    return st.lists(values, min_size=3, max_size=3)


def sequences(values, length=8):
    return st.lists(vectors(values), min_size=length, max_size=length)


def within(limits, share):
    """Positions (A,) at these shares of their ranges, of which no more than 3 either way counts."""
    low = np.maximum(limits.position_low, -3)
    return low + (np.minimum(limits.position_high, 3) - low) * share


def measured(limits, positions):
    """The state vector (3,) in which these positions (A,) stand where the limits look for them."""
    state = np.zeros(3)
    seen = limits.position_index >= 0
    state[limits.position_index[seen]] = positions[seen]
    return state


def way(limits, velocity, action, share=1.0):
    """What is covered (..., A) in shares (..., 1) of a period that leads from a velocity to the next."""
    ramped = velocity + 0.5 * (action - velocity) * share
    return np.where(limits.stepped, action, ramped) * share * PERIOD


def course(limits, start, velocity, legal):
    """The positions (H, 21, A) that legal velocities (H, A) lead through in each period."""
    shares, position, passed = np.linspace(0, 1, 21)[:, None], start, []
    for action in legal:
        passed.append(position + way(limits, velocity, action, shares))
        position, velocity = passed[-1][-1], action
    return np.array(passed)


def stops_in_time(limits, position, velocity):
    """Whether braking by one rate step per period keeps every position inside, plainly simulated."""
    for _ in range(2000):
        if not np.any(velocity):
            return True
        slower = np.sign(velocity) * np.maximum(np.abs(velocity) - limits.rate * PERIOD, 0)
        position = position + way(limits, velocity, slower)
        if np.any(position > limits.position_high) or np.any(position < limits.position_low):
            return False
        velocity = slower
    return False


@KINDS
@given(limits=limits(), wanted=sequences(ANY), previous=vectors(ANY), state=vectors(ANY))
@settings(max_examples=100, deadline=None)
def test_whatever_goes_in_what_comes_out_is_finite_within_bounds_and_within_the_rate(
    array, limits, wanted, previous, state
):
    legal = np.asarray(limits.project(array(wanted), array(previous), array(state)), np.float64)
    assert np.isfinite(legal).all()
    assert (legal >= limits.low).all()
    assert (legal <= limits.high).all()
    assert (np.abs(np.diff(legal, axis=0)) <= limits.rate * PERIOD + rounding(limits, legal)).all()


@KINDS
@given(limits=limits(), wanted=sequences(ANY), previous=vectors(REAL), state=vectors(ANY))
@settings(max_examples=60, deadline=None)
def test_the_first_action_is_within_the_rate_of_a_legal_command_in_force_wherever_the_robot_is(
    array, limits, wanted, previous, state
):
    previous = np.clip(previous, limits.low, limits.high)
    legal = np.asarray(limits.project(array(wanted), array(previous), array(state)), np.float64)
    change = np.abs(legal[0] - np.asarray(array(previous), np.float64))
    assert (change <= limits.rate * PERIOD + rounding(limits, legal)).all()


@KINDS
@given(limits=limits(), wanted=sequences(ANY), previous=vectors(REAL), state=vectors(ANY))
@settings(max_examples=60, deadline=None)
def test_from_beyond_its_range_a_command_comes_back_as_fast_as_the_rate_allows_or_at_once(
    array, limits, wanted, previous, state
):
    """The bound wins: what is in force stands for nothing else than the bound next to it."""
    near = np.clip(np.asarray(array(previous), np.float64), limits.low, limits.high)
    legal = np.asarray(limits.project(array(wanted), array(previous), array(state)), np.float64)
    assert (np.abs(legal[0] - near) <= limits.rate * PERIOD + rounding(limits, legal) + 1e-6).all()


@KINDS
@given(
    limits=limits(VELOCITIES),
    wanted=sequences(WISH, 30),
    previous=vectors(REAL),
    where=vectors(st.floats(0, 1)),
)
@settings(max_examples=150, deadline=None)
def test_what_could_stop_in_time_never_leaves_its_range_even_between_ticks(array, limits, wanted, previous, where):
    start, velocity = within(limits, where), np.clip(previous, limits.low, limits.high)
    assume(stops_in_time(limits, start, velocity))
    legal = np.asarray(limits.project(array(wanted), array(velocity), array(measured(limits, start))), np.float64)
    positions, room = course(limits, start, velocity, legal), 1e-9 if array in EXACT else 1e-4
    assert (positions <= limits.position_high + room).all()
    assert (positions >= limits.position_low - room).all()


@KINDS
@given(limits=limits(), wanted=sequences(ANY), previous=vectors(ANY), where=vectors(st.floats(-10, 10)))
@settings(max_examples=100, deadline=None)
def test_what_is_found_beyond_its_range_goes_no_further_than_its_brake_takes(array, limits, wanted, previous, where):
    """Whatever it was doing there, and whatever is asked for: speed outwards shrinks by all that the rate allows."""
    legal = np.asarray(limits.project(array(wanted), array(previous), array(where)), np.float64)
    position = np.asarray(where)[limits.position_index]
    outwards = np.where(position > limits.position_high, 1.0, np.where(position < limits.position_low, -1.0, 0.0))
    speed = outwards * np.nan_to_num(as_numpy(previous), nan=0, posinf=0, neginf=0)
    allowed = np.maximum(speed - limits.rate * PERIOD, 0.0) + 1e-5 * np.maximum(1, np.abs(speed))
    coming_back = speed < 0  # perhaps so fast that it has to turn before the other end
    assert (coming_back | (outwards * legal[0] <= allowed)).all()


@KINDS
@given(limits=limits(VELOCITIES), wanted=sequences(WISH, 3), beyond=vectors(st.floats(-0.5, 0.5)))
@settings(max_examples=30, deadline=None)
def test_what_is_at_rest_beyond_its_range_comes_back_and_stays(array, limits, wanted, beyond):
    """Whatever is asked for meanwhile: it goes no further out, is inside when its slowest way is over, and stays so."""
    beyond = np.array(beyond)
    start = np.where(beyond > 0, np.minimum(limits.position_high, 3), np.maximum(limits.position_low, -3)) + beyond
    asked = np.tile(wanted, (150, 1))
    legal = np.asarray(limits.project(array(asked), array([0.0] * 3), array(measured(limits, start))), np.float64)
    positions, room = course(limits, start, np.zeros(3), legal), 1e-9 if array in EXACT else 1e-3
    assert (positions <= np.maximum(limits.position_high, start) + room).all()
    assert (positions >= np.minimum(limits.position_low, start) - room).all()
    assert (positions[-100:] <= limits.position_high + room).all()
    assert (positions[-100:] >= limits.position_low - room).all()


@KINDS
@given(
    limits=limits(VELOCITIES), wanted=sequences(ANY), previous=vectors(REAL), nowhere=st.sampled_from([np.nan, np.inf])
)
@settings(max_examples=60, deadline=None)
def test_what_is_limited_and_nobody_knows_where_it_is_is_braked(array, limits, wanted, previous, nowhere):
    velocity = np.clip(previous, limits.low, limits.high)
    legal = np.asarray(limits.project(array(wanted), array(velocity), array([nowhere] * 3)), np.float64)
    bounded = np.isfinite(limits.position_low) | np.isfinite(limits.position_high)
    before = np.concatenate([velocity[None], legal[:-1]])
    left = np.maximum(np.abs(before) - limits.rate * PERIOD, 0.0)
    assert (np.abs(legal) <= left + 1e-5 * np.maximum(1, np.abs(before)))[:, bounded].all()


@given(limits=limits(), wanted=sequences(ANY), previous=vectors(ANY), state=vectors(ANY), where=sequences(ANY, 4))
@settings(max_examples=60, deadline=None)
def test_candidates_do_not_know_of_each_other(limits, wanted, previous, state, where):
    """A candidate that is nonsense, or starts from nonsense, changes nothing about its neighbours."""
    alone = limits.project(as_numpy(wanted), as_numpy(previous), as_numpy(state))
    crowd = np.stack([as_numpy(wanted), np.full((8, 3), np.nan), np.full((8, 3), np.inf)])
    states = np.stack([as_numpy(state), as_numpy(where[0]), as_numpy(where[1])])
    commands = np.stack([as_numpy(previous), as_numpy(where[2]), as_numpy(where[3])])
    np.testing.assert_allclose(limits.project(crowd, commands, states)[0], alone, atol=1e-9)


@KINDS
@given(limits=limits(), wanted=sequences(REAL), previous=vectors(REAL), state=vectors(REAL))
@settings(max_examples=60, deadline=None)
def test_a_legal_sequence_stays_as_it_is(array, limits, wanted, previous, state):
    once = limits.project(array(wanted), array(previous), array(state))
    twice = limits.project(once, array(previous), array(state))
    np.testing.assert_allclose(np.asarray(twice), np.asarray(once), atol=1e-9 if array in EXACT else 2e-4)


@given(limits=limits(), wanted=sequences(ANY), previous=vectors(ANY), state=vectors(ANY))
@settings(max_examples=60, deadline=None)
def test_numpy_and_torch_agree(limits, wanted, previous, state):
    here = limits.project(as_numpy(wanted), as_numpy(previous), as_numpy(state))
    there = limits.project(*(torch.tensor(x, dtype=torch.float64) for x in (wanted, previous, state)))
    np.testing.assert_allclose(there.numpy(), here, atol=1e-9)


@pytest.fixture
def joint():
    return Limits([-1.0], [1.0], [2.0], PERIOD, [-2.6], [2.6], [0])


def test_a_joint_reaches_the_last_of_its_range_when_that_is_asked_for(joint):
    position, velocity = 0.0, np.zeros(1)
    for _ in range(200):
        action = joint.project(np.ones((1, 1)), velocity, np.array([position]))[0]
        position, velocity = position + 0.5 * (velocity + action)[0] * PERIOD, action
    assert position == pytest.approx(2.6, abs=1e-3)
    assert velocity[0] == pytest.approx(0.0, abs=1e-3)


def test_one_call_for_a_sequence_equals_one_call_for_each_step(joint):
    wanted = np.random.default_rng(0).normal(size=(30, 1)) + 1
    whole = joint.project(wanted, np.zeros(1), np.array([1.5]))
    position, velocity = 1.5, np.zeros(1)
    for step in range(30):
        action = joint.project(wanted[step : step + 1], velocity, np.array([position]))[0]
        np.testing.assert_allclose(action, whole[step], atol=1e-9)
        position, velocity = position + 0.5 * (velocity + action)[0] * PERIOD, action


def test_outside_its_range_a_joint_may_only_come_back(joint):
    position, velocity = 2.7, np.zeros(1)
    while position > 2.6:
        action = joint.project(np.ones((1, 1)), velocity, np.array([position]))[0]
        assert action[0] < 0
        position, velocity = position + 0.5 * (velocity + action)[0] * PERIOD, action


def test_a_value_that_is_not_a_number_repeats_the_one_before(joint):
    legal = joint.project(np.array([[0.1], [np.nan], [np.inf]]), np.zeros(1), np.zeros(1))
    np.testing.assert_allclose(legal[:, 0], [0.1, 0.1, 0.1])


def test_a_joint_of_unknown_position_is_braked(joint):
    legal = joint.project(np.full((4, 1), 1.0), np.array([0.5]), np.array([np.nan]))
    np.testing.assert_allclose(legal[:, 0], [0.3, 0.1, 0.0, 0.0], atol=1e-9)


def test_where_bound_and_rate_contradict_each_other_the_bound_wins(joint):
    assert joint.project(np.zeros((1, 1)), np.array([5.0]), np.zeros(1))[0, 0] == 1.0


def test_many_candidates_go_through_at_once(joint):
    wanted = torch.randn(7, 5, 8, 1)
    legal = joint.project(wanted, torch.zeros(1), torch.zeros(1))
    assert legal.shape == wanted.shape
    assert legal.dtype == torch.float32
    alone = joint.project(wanted[3, 2], torch.zeros(1), torch.zeros(1))
    torch.testing.assert_close(legal[3, 2], alone)


def test_gradients_flow_through_even_after_a_first_use_in_inference_mode(joint):
    with torch.inference_mode():
        joint.project(torch.zeros(1, 1), torch.zeros(1), torch.zeros(1))
    wanted = torch.full((3, 1), 0.05, requires_grad=True)
    joint.project(wanted, torch.zeros(1), torch.zeros(1)).sum().backward()
    assert torch.isfinite(wanted.grad).all()
    assert (wanted.grad == 1).all()


def test_without_limits_everything_finite_passes():
    free = Limits([-np.inf] * 2, [np.inf] * 2, [np.inf] * 2, PERIOD)
    wanted = np.random.default_rng(0).normal(size=(5, 2)) * 1e6
    np.testing.assert_array_equal(free.project(wanted, np.zeros(2), np.zeros(0)), wanted)


def test_a_position_limit_of_an_unobserved_position_is_refused():
    with pytest.raises(ValueError, match="index in the state"):
        Limits([-1], [1], [1], PERIOD, [-2], [2], [-1])
