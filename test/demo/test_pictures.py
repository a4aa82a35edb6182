"""The demo's pictures, drawn of motions that never were."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from jepa_ros.ros.demo.film import draw_film
from jepa_ros.ros.demo.overview import draw_overview
from jepa_ros.ros.demo.scenario import PICTURE
from jepa_ros.ros.demo.show import Pursuits, summary
from jepa_ros.ros.demo.trial import Moment, Target, Trial
from jepa_ros.simulation.planar_arm import PlanarArm

TOLERANCE = 0.02
MOMENTS = 8


def picture(seed: int) -> np.ndarray:
    return PlanarArm(seed).image(PICTURE)


def trial(number: int, reached: bool = True) -> Trial:
    distances = np.geomspace(1.3, TOLERANCE / 2 if reached else 0.4, MOMENTS)
    moments = [
        Moment(0.1 * step, distance, "moving", step, 0.5, picture(number)) for step, distance in enumerate(distances)
    ]
    message = "" if reached else "the goal was not reached in time"
    target = Target(None, np.zeros(2))
    return Trial(number, target, picture(number + 1), moments, reached, message, 0.012, MOMENTS, MOMENTS, 0.7)


@pytest.mark.parametrize("count", [1, 5, 7])
def test_the_overview_has_room_for_every_goal(tmp_path, count):
    draw_overview([trial(number) for number in range(1, count + 1)], TOLERANCE, tmp_path / "demo.png")
    width, height = Image.open(tmp_path / "demo.png").size
    assert 400 < width <= 1100
    assert height > (1000 if count > 5 else 600)


def test_the_film_shows_every_moment_and_pauses_at_each_end(tmp_path):
    draw_film([trial(1), trial(2, reached=False)], TOLERANCE, tmp_path / "demo.gif")
    film = Image.open(tmp_path / "demo.gif")
    durations = []
    for index in range(film.n_frames):
        film.seek(index)
        durations.append(film.info["duration"])
    assert durations == [*[100] * (MOMENTS - 1), 1200] * 2


def test_the_camera_picture_in_the_film_is_the_one_that_was_seen(tmp_path):
    draw_film([trial(1)], TOLERANCE, tmp_path / "demo.gif")
    frame = np.asarray(Image.open(tmp_path / "demo.gif").convert("RGB")).astype(int)
    seen = frame[74 : 74 + PICTURE[0], 20 : 20 + PICTURE[1]] - picture(1)
    assert np.abs(seen[2:-2, 2:-2]).mean() < 6


def test_the_terminal_tells_goals_reached_from_goals_missed(capsys):
    trials = [trial(1), trial(2, reached=False)]
    console = Console(width=120)
    with Pursuits(console, 2) as pursuits:
        for each in trials:
            pursuits.begin(each.number)
            pursuits.end(each)
    console.print(summary(trials, TOLERANCE))
    text = capsys.readouterr().out
    assert "✓ goal 1/2 reached" in text
    assert "✗ goal 2/2 missed" in text
    assert "the goal was not reached in time" in text
