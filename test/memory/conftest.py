"""A memory of the furnished room's shipped model, and sights of places in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from jepa_ros.memory import Memory, Sight
from jepa_ros.world_model import WorldModel

ROOT = Path(__file__).resolve().parents[2]
SECOND = 1_000_000_000


@pytest.fixture(scope="session")
def room() -> WorldModel:
    return WorldModel.from_pretrained(ROOT / "models/furnished_room")


@pytest.fixture
def memory(room) -> Memory:
    return Memory.apart(room)


@pytest.fixture(scope="session")
def sight(room) -> Callable[..., Sight]:
    """Makes the sight of a place: latents lie on a straight line, one tolerance for each unit of ``place``."""
    unit = room.calibration.tolerance * room.calibration.distance_scale

    def make(place: float, seconds: float = 0.0, **more: object) -> Sight:
        latent = torch.zeros(1, room.architecture.latent_size)
        latent[0, 0] = unit * place
        return Sight(latent, np.array([place, 0.0], np.float32), int(seconds * SECOND), **more)

    return make
