"""The nodes: each an executable of its own."""
