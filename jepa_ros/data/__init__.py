"""Bags and exploration: what a robot recorded, as aligned episodes."""
