"""What a robot does to show a world model what it can do."""
