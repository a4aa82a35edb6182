"""A ROS domain of one's own."""

from __future__ import annotations

import socket

import pytest

from jepa_ros.ros.client import domains
from jepa_ros.ros.client.domains import FIRST_PARTICIPANT, FIRST_PORT, PORTS, NoFreeDomain, free_domain


def test_nobody_else_gets_a_domain_that_is_in_use():
    with free_domain() as one, free_domain() as other:
        assert one != other


def test_a_domain_with_a_participant_is_passed_over(monkeypatch):
    with free_domain() as free:
        pass
    monkeypatch.setattr(domains, "DOMAINS", range(free, free + 1))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as participant:
        participant.bind(("127.0.0.1", FIRST_PORT + PORTS * free + FIRST_PARTICIPANT))
        with pytest.raises(NoFreeDomain, match=f"from {free} to {free}"), free_domain():
            pass
    with free_domain() as again:
        assert again == free
