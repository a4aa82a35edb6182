"""A ROS domain of one's own on this machine."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

DOMAINS = range(1, 101)  # 0 is everybody's, and the ports of those above meet the ones that the system hands out
FIRST_PORT, PORTS = 7400, 250  # of domain 0, and per domain (OMG DDSI-RTPS 2.5, 9.6.2)
FIRST_PARTICIPANT, PARTICIPANTS = 10, 20  # its offset in the domain's ports, and how many are looked for
CLAIM = PORTS - 1  # the offset of a port that no participant gets to: who holds it has claimed the domain


class NoFreeDomain(Exception):
    """Every ROS domain of this machine has somebody in it."""


@contextmanager
def free_domain() -> Iterator[int]:
    """A domain in which nobody on this machine takes part; no other caller gets it until the block ends.

    Raises NoFreeDomain.
    """
    for domain in random.SystemRandom().sample(DOMAINS, len(DOMAINS)):
        first = FIRST_PORT + PORTS * domain
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as claim:
            if _bind(claim, first + CLAIM) and not _occupied(first):
                yield domain
                return
    raise NoFreeDomain(f"somebody takes part in every ROS domain from {DOMAINS[0]} to {DOMAINS[-1]} on this machine")


def _occupied(first: int) -> bool:
    """Whether a participant listens on one of the ports of the domain that begin at ``first``."""
    begin = first + FIRST_PARTICIPANT
    for port in range(begin, begin + 2 * PARTICIPANTS):
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
            if not _bind(probe, port):
                return True
    return False


def _bind(probe: socket.socket, port: int) -> bool:
    try:
        probe.bind(("", port))
    except OSError:
        return False
    return True
