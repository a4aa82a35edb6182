"""The other side: a client of the planner, and processes and domains to run nodes in."""
