"""What the robot remembers: goals saved by name."""

from jepa_ros.memory.goals import GoalNameError, SavedGoals

__all__ = ["GoalNameError", "SavedGoals"]
