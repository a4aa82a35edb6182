"""Pictures of what was measured, for the README."""
