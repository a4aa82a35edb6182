"""What the tests run on."""

from __future__ import annotations

from jepa_ros.paths import shipped

CONTRACT = shipped("config/contracts/planar_arm.yaml")
MODEL = shipped("models/planar_arm")
HOME = (0.4, -0.6)  # rad, where the arm is at the beginning of a test
REST = 1e-3  # rad/s that count as none
