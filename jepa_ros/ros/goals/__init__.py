"""From a goal to commands: the actions, what they know of the robot, and the only way out to it."""
