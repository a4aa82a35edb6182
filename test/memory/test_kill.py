"""A process that is killed while it writes loses nothing that is older than a second."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from jepa_ros.memory import Memory, Sight


@pytest.mark.parametrize(("flushing", "kills"), [(True, 12), (False, 5)], ids=["while it writes", "at any moment"])
def test_what_is_older_than_a_second_outlives_a_kill(tmp_path, room, flushing, kills):
    random = np.random.default_rng(0)
    count = 0
    for kill in range(kills):
        journal = tmp_path / f"journal{kill}"
        child = os.fork()
        if not child:
            _remember_for_ever(tmp_path, room, journal, first=10_000 * kill, flushing=flushing)
        time.sleep(random.uniform(*((0.05, 0.4) if flushing else (1.1, 1.7))))
        os.kill(child, signal.SIGKILL)
        killed = time.monotonic()
        os.waitpid(child, 0)
        memory = Memory.open(tmp_path, room)
        assert len(memory) >= count
        lines = np.loadtxt(journal, ndmin=2) if journal.exists() and journal.stat().st_size else np.empty((0, 3))
        for _, node, place in lines[:-1] if flushing else lines[lines[:, 0] < killed - 1.0]:
            assert torch.equal(memory.latent(int(node)), _latent(int(place)))
            assert memory.locate(_latent(int(place)))[0].node == node
        count = len(memory)
        memory.close()
    assert count > kills


def _remember_for_ever(folder: Path, model, journal: Path, first: int, flushing: bool) -> None:
    """In a process of its own: remember places, and put down which, and when."""
    try:
        memory = Memory.open(folder, model)
        with journal.open("w", buffering=1) as file:
            for place in range(first, first + 10_000):
                node = memory.remember(
                    Sight(_latent(place), torch.zeros(2), place, None, np.zeros((64, 64, 3), np.uint8))
                )
                memory.connect(max(node - 1, 0), node, 1.0)
                file.write(f"{time.monotonic()} {node} {place}\n")
                if flushing:
                    memory.flush()
                time.sleep(0.002)
    finally:
        os._exit(1)


def _latent(place: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(place).normal(size=(1, 16)).astype(np.float32))
