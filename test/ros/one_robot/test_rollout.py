"""``~/rollout``: what would come of any commands, from where the robot is at that moment."""

from __future__ import annotations

from array import array

import numpy as np
import pytest
import torch
from harness.goals import see
from harness.graph import PATIENCE
from harness.places import HOME
from harness.robot import CAMERA, JOINTS

from jepa_ros.contract import period_means
from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.nodes.world_model_node import PARAMETERS
from jepa_ros.ros.wire.messages import latent_tensor
from jepa_ros_interfaces.srv import Rollout

FAR = (-1.6, 1.6)
(LONGEST,) = [parameter.default for parameter in PARAMETERS if parameter.name == "rollout_horizon"]


def of(answer):
    """Whether a message is of the image that an answer is of."""
    return lambda message: message.header == answer.prediction.header


@pytest.fixture
def ask(stack):
    """What comes of actions (H, A), at once."""

    def ask(actions):
        numbers = array("f", np.ravel(actions).astype(np.float32).tolist())
        return stack.operator.call(Rollout, "world_model/rollout", actions=numbers)

    return ask


@pytest.fixture
def answered(ask):
    """What comes of actions (H, A), as soon as the node sees: on a busy machine it may be blind for a moment."""

    def answered(actions):
        answers = []
        wait_for(lambda: answers.append(ask(actions)) or answers[-1].success, PATIENCE, "a rollout")
        return answers[-1]

    return answered


def distances(answer):
    return [float(word) for word in answer.message.partition("distances from now: ")[2].split(", ")]


def test_the_future_is_the_model_s_own_from_the_latent_and_the_command_of_that_moment(
    robot, operator, answered, latents, predictions, model, contract
):
    sent = operator.move(see(*FAR))
    sent.wait_feedback(4)
    random = np.random.default_rng(0)
    for actions in random.uniform(-1, 1, (3, 12, 2)).astype(np.float32):
        answer = answered(actions)
        message = latents.wait(of(answer))
        latent = latent_tensor(message, (1, model.architecture.latent_size))
        going_on = predictions.wait(of(answer))
        command = np.array(going_on.actions[: len(contract.action_names)], np.float32)
        means = torch.from_numpy(period_means(contract.ramped, actions, command)).float()
        expected = model.predict(latent[None], means[None])[0]
        assert np.abs(command).max() > 0.1
        np.testing.assert_allclose(answer.prediction.data, expected.flatten(), atol=1e-4)
        np.testing.assert_allclose(distances(answer), model.distance(expected, latent), atol=1e-3)
        np.testing.assert_array_equal(answer.prediction.actions, actions.flatten())
        assert tuple(answer.prediction.action_names) == contract.action_names
    sent.cancel()
    sent.ending()


def test_commands_are_called_legal_where_the_contract_allows_them_and_only_there(robot, answered, contract):
    limits, random = contract.limits, np.random.default_rng(1)
    verdicts = []
    for scale in np.linspace(0.3, 1.3, 40):
        actions = random.uniform(-scale, scale, (6, 2)).astype(np.float32)
        changes = np.abs(np.diff(actions, axis=0, prepend=np.zeros((1, 2))))
        legal = (np.abs(actions) <= limits.high).all() and (changes <= limits.rate * contract.period).all()
        verdict = answered(actions).message.partition(";")[0]
        assert verdict.startswith("legal" if legal else "not legal: velocity."), (actions, verdict)
        verdicts.append(legal)
    assert 5 < sum(verdicts) < 35


def test_commands_that_lead_out_of_the_positions_allowed_are_not_legal(stack, robot, answered, contract):
    robot.place(2.55, HOME[1])
    stack.wait_seen()
    assert answered([[0.5, 0.0]] * 3).message.startswith("not legal: velocity.shoulder = 0.5 in period")
    assert answered([[-0.5, 0.0]] * 3).message.startswith("legal; ")


def test_what_is_not_legal_is_named_with_what_would_be_and_predicted_all_the_same(robot, answered):
    answer = answered([[0.5, 0.0], [0.5, -1.5]])
    assert "not legal: velocity.elbow = -1.5 in period 2; the nearest that is: -1;" in answer.message
    assert answer.prediction.horizon == 2


@pytest.mark.parametrize("actions", [[], [0.1], [0.1, 0.2, 0.3], [float("nan"), 0.0], [float("inf"), 0.0]])
def test_commands_that_are_none_are_refused_with_what_is_allowed(robot, ask, actions):
    answer = ask(actions)
    assert not answer.success
    assert "allowed: finite ones, for each period velocity.shoulder, velocity.elbow" in answer.message
    assert not answer.prediction.data


def test_no_more_is_answered_than_the_parameter_says(stack, robot, ask, answered):
    assert answered(np.zeros((LONGEST, 2))).prediction.horizon == LONGEST
    answer = ask(np.zeros((LONGEST + 1, 2)))
    assert not answer.success
    assert f"allowed: {LONGEST} periods at most; ask for less, or raise the parameter rollout_horizon" in answer.message
    assert not answer.prediction.data
    with stack.setting("world_model", rollout_horizon=LONGEST + 1):
        assert answered(np.zeros((LONGEST + 1, 2))).prediction.horizon == LONGEST + 1


@pytest.mark.parametrize("topic", [CAMERA, JOINTS])
def test_a_blind_node_tells_no_future_but_what_is_missing(robot, ask, answered, topic):
    assert answered([[0.1, 0.1]]).success
    with robot.silent(topic):
        robot.wait_images(15)
        answer = ask([[0.1, 0.1]])
    assert not answer.success
    assert f"nothing was perceived in the last 0.15 s: {topic}: newest sample is" in answer.message
    assert "see that all cameras and states" in answer.message
    assert not answer.prediction.data
    assert answered([[0.1, 0.1]]).success


def test_an_inactive_node_tells_no_future(stack, robot, ask, answered):
    assert answered([[0.1, 0.1]]).success
    assert stack.change("world_model", "deactivate")
    answer = ask([[0.1, 0.1]])
    assert stack.change("world_model", "activate")
    assert not answer.success
    assert "not active and perceives nothing; activate it first" in answer.message
    assert not answer.prediction.data
    assert answered([[0.1, 0.1]]).success
