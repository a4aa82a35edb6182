import numpy as np

from jepa_ros.contract import objection

REST, MIDDLE = np.zeros(2), np.zeros(2)


def test_legal_actions_meet_no_objection(arm):
    assert objection(arm, np.array([[0.5, -0.5], [1.0, 0.1]], np.float32), REST, MIDDLE) == ""


def test_the_first_action_that_is_not_legal_is_named_with_the_nearest_that_is(arm):
    words = objection(arm, np.array([[0.5, 0.0], [0.5, 1.5], [9.0, 0.0]]), REST, MIDDLE)
    assert words == "not legal: velocity.elbow = 1.5 in period 2; the nearest that is: 1"


def test_what_changes_too_fast_is_not_legal(arm):
    assert "velocity.shoulder = -0.5 in period 1" in objection(
        arm, np.array([[-0.5, 0.0]]), np.array([1.0, 0.0]), MIDDLE
    )


def test_what_leads_beyond_a_position_is_not_legal(arm):
    there = np.array([0.0, 2.6])
    assert "velocity.elbow = 0.5 in period 1; the nearest that is: 0" in objection(arm, [[0.0, 0.5]], REST, there)


def test_what_is_no_number_is_not_legal(arm):
    assert "velocity.shoulder = nan" in objection(arm, np.array([[np.nan, 0.0]]), REST, MIDDLE)
