"""Bags: rosbag2 recordings, MCAP or SQLite, split or compressed, read as far as they are whole, and written."""
