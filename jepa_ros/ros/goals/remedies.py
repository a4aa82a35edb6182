"""What a person can do about a goal that ended otherwise than wished."""

from __future__ import annotations

from jepa_ros_interfaces.action import MoveToGoal

CODES = MoveToGoal.Result

#: What helps as a rule, by error code.
REMEDIES = {
    CODES.UNKNOWN: "the node's log has the traceback; please report it",
    CODES.INVALID_GOAL: "mend that, and send the goal again",
    CODES.MODEL_MISMATCH: "make the goal anew with the model that runs here",
    CODES.NO_OBSERVATION: "see that camera, state and world_model run and that their clocks agree",
    CODES.NO_PLAN: "look at the goal, at the costs and at the model's evaluation",
    CODES.TIMED_OUT: "allow more time, or choose a nearer goal",
    CODES.CANCELED: "send the goal again to go on",
    CODES.PREEMPTED: "send the goal again to go on",
    CODES.SURPRISED: "clear the way, or record and train with what has changed",
    CODES.STUCK: "choose a nearer goal, or goals on the way; it may be out of reach",
    CODES.OUTSIDE_LIMITS: "choose a goal inside the contract's limits",
}

# What helps where the cause is another than as a rule
ACTIVATE = "activate the planner, or start it anew, and send the goal again"
BRING_BACK = "bring the robot inside the contract's limits"
ASK_FOR_LESS = "allow more time, or ask for less; what was seen is remembered"
END_NAVIGATION = "stop the navigation stack by its own means, then send the goal again"
