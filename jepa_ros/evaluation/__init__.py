"""How good a world model is: offline figures, surprise, closed-loop trials, and a report to look at."""
