"""Whatever is asked for, whenever, and whatever is measured: what leaves is legal, for every kind of command."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jepa_ros.contract import Reference, read_values

PERIOD = 0.1
MS = 1_000_000
ANY = st.floats(allow_nan=True, allow_infinity=True, width=32)
TURNS = st.lists(st.tuples(ANY, ANY | st.none(), st.integers(-500, 5000), st.booleans()), min_size=1, max_size=12)
KINDS = {
    "joint_velocity": ("velocity.a", "std_msgs/msg/Float64MultiArray"),
    "joint_position": ("position.a", "std_msgs/msg/Float64MultiArray"),
    "velocity": ("linear.x", "geometry_msgs/msg/Twist"),
    "direct": ("opening", "my_msgs/msg/Valve"),
}
LIMITS = "action.{}: {{min: -0.8, max: 0.8, rate: 2.0}}"
# With the range of the position that each moves; for a base a side of its workspace box.
PLACED = {
    "joint_velocity": "state.position.a: {min: -0.5, max: 0.6}",
    "joint_position": "state.position.a: {min: -0.5, max: 0.6}",
    "velocity": "state.position.a: {min: -0.5, max: 0.6, moved_by: linear.x}",
}
SLACK = 1e-6


@pytest.fixture(scope="module", params=KINDS)
def contract(request, robot):
    """A robot of each kind of command."""
    selector, kind = KINDS[request.param]
    return robot([selector], kind, kind=request.param, limits=LIMITS.format(selector))


@pytest.fixture(scope="module", params=PLACED)
def placed(request, robot):
    """A robot of each kind of command that moves a position with limits."""
    selector, kind = KINDS[request.param]
    limits = f"{LIMITS.format(selector)}, {PLACED[request.param]}"
    return robot([selector], kind, kind=request.param, limits=limits)


def leave(reference, wanted, state, now, stops):
    """The commands that leave; none where nobody knows where the robot starts from."""
    if stops:
        return reference.stop(state, now)
    with suppress(ValueError):
        return reference.command(np.array([wanted]), state, now)
    return {}


@given(turns=TURNS)
@settings(max_examples=80, deadline=None)
def test_a_command_is_finite_within_its_range_and_within_its_rate_of_what_was_in_force(contract, plain, turns):
    reference, now = Reference(contract), 10_000 * MS
    for wanted, measured, wait, stops in turns:
        now += wait * MS
        state = None if measured is None else np.array([measured])
        before = reference.at(now, state).command[0]
        commands = leave(reference, wanted, state, now, stops)
        assert commands or stops or not np.isfinite(before)
        for _, fields in commands.values():
            (value,) = read_values(contract.actions["action"], plain(**fields))
            assert -0.8 <= value <= 0.8
            inside = np.clip(np.nan_to_num(before), -0.8, 0.8)
            if stops and contract.command.kind in ("joint_velocity", "velocity"):
                assert value == 0.0  # at once: a driver brakes
            else:
                assert abs(value - inside) <= 2.0 * PERIOD + SLACK


@given(
    turns=st.lists(st.tuples(ANY, st.sampled_from(["go", "go", "stop", "blind", "nonsense"])), min_size=5, max_size=40),
    start=st.floats(-0.5, 0.6),
)
@settings(max_examples=80, deadline=None)
def test_a_robot_that_obeys_never_leaves_its_range_whatever_is_asked_for_stops_and_blind_moments_among_it(
    placed, plain, turns, start
):
    reference, place = Reference(placed), start
    for number, (wanted, event) in enumerate(turns):
        now = 10_000 * MS + number * int(PERIOD * 1000) * MS
        state = {"blind": None, "nonsense": np.array([np.nan])}.get(event, np.array([place]))
        for _, fields in leave(reference, wanted, state, now, event == "stop").values():
            (command,) = read_values(placed.actions["action"], plain(**fields))
            assert -0.8 <= command <= 0.8
            moves = placed.command.kind != "joint_position"
            place = place + command * PERIOD if moves else command
        assert -0.5 - SLACK <= place <= 0.6 + SLACK


@given(wanted=ANY)
@settings(max_examples=20, deadline=None)
def test_a_position_is_not_commanded_where_nobody_knows_the_present_one(robot, wanted):
    contract = robot(["position.a"], "std_msgs/msg/Float64MultiArray", kind="joint_position")
    for unknown in (None, np.array([np.nan])):
        with pytest.raises(ValueError, match=r"nobody knows where position\.a"):
            Reference(contract).command(np.array([wanted]), unknown, 0)
