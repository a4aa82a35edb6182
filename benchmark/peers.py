"""Other people's software, which figures are compared with: none of it is needed to use this package."""

from __future__ import annotations

import subprocess


class NoPeer(Exception):
    """It can't be had, failed, or computes something else; the message holds the end of what was said."""


def run(*command: object) -> None:
    """Run a command to its end. Raises NoPeer."""
    done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise NoPeer(f"{command[0]} {command[1]} ended with an error:\n{done.stdout[-2000:]}")
