"""What the robot remembers: where it has been, how it got from there to there, goals saved by name."""

from jepa_ros.memory.errors import MemoryError_
from jepa_ros.memory.expectation import Expectation
from jepa_ros.memory.exploration import Exploration
from jepa_ros.memory.goals import GoalNameError, SavedGoals
from jepa_ros.memory.guide import MemoryGuide
from jepa_ros.memory.localiser import Localiser, Whereabouts
from jepa_ros.memory.memory import Memory
from jepa_ros.memory.moves import Known
from jepa_ros.memory.near import Near
from jepa_ros.memory.route import Route
from jepa_ros.memory.sight import Sight
from jepa_ros.memory.trail import Trail

__all__ = [
    "Expectation",
    "Exploration",
    "GoalNameError",
    "Known",
    "Localiser",
    "Memory",
    "MemoryError_",
    "MemoryGuide",
    "Near",
    "Route",
    "SavedGoals",
    "Sight",
    "Trail",
    "Whereabouts",
]
