"""LeRobot datasets, version 3.0, as recordings: tables (Parquet) and videos (MP4)."""
