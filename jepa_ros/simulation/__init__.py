"""Embedded robots that need neither a GPU nor OpenGL."""
