"""From what a robot recorded to aligned episodes; how it explores while it is recorded."""
