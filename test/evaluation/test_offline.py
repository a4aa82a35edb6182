"""Offline figures: of a world where the truth is known, and of the shipped model."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from jepa_ros.evaluation.latents import draw_stretches
from jepa_ros.evaluation.prediction import prediction_quality
from jepa_ros.evaluation.probes import latent_quality
from jepa_ros.evaluation.ranking import ranking_quality
from jepa_ros.training.encoded import encode_episodes
from jepa_ros.training.split import split


def test_a_perfect_model_has_no_error_and_beats_nothing_changes(surveyor, walks):
    found = prediction_quality(surveyor, walks, walks)
    assert max(found.model.high) < 1e-4
    assert found.unchanged.median[0] > 0.5
    assert found.unchanged.median[-1] > found.unchanged.median[0]


def test_a_linear_world_leaves_nothing_for_a_linear_model_to_miss(surveyor, walks):
    assert max(prediction_quality(surveyor, walks[:1], walks[1:]).linear.high) < 1e-3


def test_a_perfect_model_ranks_the_true_actions_first(surveyor, walks):
    found = ranking_quality(surveyor, walks, sequences=60)
    assert (found.first, found.first_tenth, found.mean) == (1.0, 1.0, 0.0)


def test_a_model_that_ignores_actions_ranks_like_guessing(surveyor, walks):
    surveyor.predict = lambda context, actions: context[:, -1:].expand(-1, actions.shape[1], -1, -1)
    found = ranking_quality(surveyor, walks, sequences=60)
    assert found.mean == 0.5
    assert found.first == 0.0


def test_actions_lead_from_the_frame_before_to_the_frame_after(surveyor, walks):
    found = draw_stretches(walks, surveyor.architecture, 5, 40)
    assert torch.allclose(surveyor.predict(found.context, found.actions), found.future, atol=1e-4)


def test_a_model_with_longer_steps_is_judged_after_each_of_them(surveyor, walks):
    surveyor.architecture = SimpleNamespace(history=2, action_block=3)
    surveyor.predict = lambda context, actions: context[:, -1:] + actions.cumsum(1)[:, 2::3].unsqueeze(2)
    found = prediction_quality(surveyor, walks, walks)
    assert (found.block, len(found.model.median)) == (3, 5)
    assert max(found.model.high) < 1e-4
    assert max(found.linear.high) < 1e-3
    ranking = ranking_quality(surveyor, walks, sequences=60)
    assert (ranking.horizon, ranking.first) == (6, 1.0)


def test_episodes_that_are_too_short_are_refused_in_words(surveyor, walks):
    with pytest.raises(ValueError, match="no episode lasts 101 periods"):
        draw_stretches(walks, surveyor.architecture, 100, 10)


def test_a_probe_reads_what_is_a_linear_map_of_the_latent(walks):
    found = latent_quality(walks[:1], walks[1:], ("a", "b"), cameras=True)
    assert [(probe.name, probe.sense) for probe in found.probes] == [
        ("a", "images alone"), ("b", "images alone"), ("a", "images and state"), ("b", "images and state")
    ]  # fmt: skip
    assert all(probe.r2 > 0.999 for probe in found.probes)


def test_a_probe_reads_nothing_from_latents_that_know_nothing(walks):
    noise = [dataclasses.replace(walk, goals=torch.randn_like(walk.goals)) for walk in walks]
    assert all(probe.r2 < 0.1 for probe in latent_quality(noise, noise, ("a", "b"), cameras=True).probes[:2])


def test_the_shipped_model_knows_where_the_arm_is_and_where_actions_lead(contract, model, episodes):
    fit, test = (encode_episodes(model, part) for part in split(episodes, 0.5))
    prediction = prediction_quality(model, fit, test)
    assert np.all(np.array(prediction.model.median) < 0.3 * np.array(prediction.unchanged.median))
    assert ranking_quality(model, test, sequences=50).first_tenth > 0.8
    assert all(probe.r2 > 0.99 for probe in latent_quality(fit, test, contract.state_names, cameras=True).probes)
