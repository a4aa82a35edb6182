"""What the planner remembers while the robot runs, and how it shows that to others."""
