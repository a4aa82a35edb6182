"""Beside a navigation stack such as Nav2: who drives, and where velocities enter its chain."""
