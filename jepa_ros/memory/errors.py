"""What is said where a memory can't be had."""


class MemoryError_(ValueError):  # noqa: N801 - Python's own MemoryError is another matter
    """A memory can't be opened or kept; the message says where, why, and what to do."""
