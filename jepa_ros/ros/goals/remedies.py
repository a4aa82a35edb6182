"""What a person can do about a goal that ended otherwise than wished; errors of invalid goals say what is allowed."""

from __future__ import annotations

from jepa_ros_interfaces.action import MoveToGoal

CODES = MoveToGoal.Result
REMEDIES = {
    CODES.NO_OBSERVATION: "see that camera, state and world_model run and that their clocks agree",
    CODES.NO_PLAN: "look at the goal, at the costs and at the model's evaluation",
    CODES.TIMED_OUT: "allow more time, or choose a nearer goal",
    CODES.CANCELED: "send the goal again to go on",
    CODES.PREEMPTED: "send the goal again to go on",
    CODES.SURPRISED: "clear the way, or record and train with what has changed",
    CODES.STUCK: "choose a nearer goal, or goals on the way; it may be out of reach",
    CODES.OUTSIDE_LIMITS: "choose a goal, or bring the robot, inside the contract's limits",
    CODES.UNKNOWN: "the node's log has the traceback; please report it",
}


def with_remedy(code: int, cause: str) -> str:
    """What a client is told: the cause, and what to do about it."""
    return f"{cause}; {REMEDIES[code]}" if code in REMEDIES else cause
