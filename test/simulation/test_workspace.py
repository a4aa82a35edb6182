"""A workspace box: a base does not leave it, whatever it is asked for."""

from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import Contract, ContractError
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.simulation.embedded import embedded_robot
from jepa_ros.simulation.stepped import SteppedRobot

TEXT = (Path(__file__).parents[2] / "config/contracts/furnished_room.yaml").read_text()
X, Y = "pose.pose.position.x", "pose.pose.position.y"
BOX = f"""    state.{X}: {{min: 1.0, max: 2.5, moved_by: linear.x}}
    state.{Y}: {{min: 1.5, max: 2.5, moved_by: linear.y}}
"""
SLACK = 0.02  # m that the base covers until it is measured and has braked


def parse(limits):
    return Contract.parse(TEXT.rstrip() + "\n" + limits, "room.yaml")


def drive(commands):
    """The positions (T, 2) of a base that begins in the box and is sent what `commands(robot, state)` wants."""
    contract = parse(BOX)
    body = embedded_robot(contract.robot_type)
    body.layout = body.layout.__class__("empty", (), ())
    body.reset((1.8, 2.0))
    robot, places = SteppedRobot(contract, body), []
    for _ in range(300):
        state = robot.advance()[-1].state
        robot.act(commands(robot, state), state)
        places.append(body.position.copy())
    return np.array(places)


@pytest.mark.parametrize("wanted", [(0.8, 0.0), (-0.8, 0.8), (0.3, -0.8)])
def test_a_base_that_is_sent_outwards_halts_at_the_edge(wanted):
    places = drive(lambda robot, state: np.array(wanted))
    assert (places >= np.array([1.0, 1.5]) - SLACK).all()
    assert (places <= np.array([2.5, 2.5]) + SLACK).all()
    edges = {0.8: 2.5, -0.8: 1.0} if wanted[1] >= 0 else {}
    if wanted[0] in edges:
        assert places[-1, 0] == pytest.approx(edges[wanted[0]], abs=0.03)


def test_a_base_explores_its_box_and_no_more():
    explorers = []

    def command(robot, state):
        if not explorers:
            explorers.append(Explorer(robot.contract, seed=1))
        return explorers[0].command(state, robot.motion(state).command)

    places = drive(command)
    assert (places >= np.array([1.0, 1.5]) - SLACK).all()
    assert (places <= np.array([2.5, 2.5]) + SLACK).all()
    assert (np.ptp(places, axis=0) > (1.0, 0.7)).all()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (f"    state.{X}: {{min: 1.0, max: 2.5}}\n", "moved_by"),
        (f"    state.{X}: {{min: 1.0, max: 2.5, moved_by: linear.q}}\n", "linear.q"),
        (BOX.replace("linear.y", "linear.x"), "a second state of 'linear.x'"),
        ("    action.z: {min: 0}\n", "action.z"),
    ],
)
def test_a_box_that_can_not_be_kept_is_refused(limits, words):
    with pytest.raises(ContractError, match=words):
        parse(limits)


def test_only_velocities_of_a_base_move_what_is_said_to_be_moved():
    arm = (Path(__file__).parents[2] / "config/contracts/planar_arm.yaml").read_text()
    text = arm.replace("state.position.shoulder: {", "state.position.shoulder: {moved_by: velocity.shoulder, ")
    with pytest.raises(ContractError, match="moved_by for states, with kind velocity"):
        Contract.parse(text, "arm.yaml")
