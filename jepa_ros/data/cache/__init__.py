"""Aligned recordings, decoded once and kept in memory-mapped files."""
