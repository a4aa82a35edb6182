from dataclasses import replace

import numpy as np
import torch

from jepa_ros.contract import Observation
from jepa_ros.world_model import Past, Percept, SurpriseMonitor, departure


def frames(model, episode, count, start=0):
    """(index, stamp, percept) of successive frames of an episode."""
    for index in range(start, start + count):
        images = {camera: image[index] for camera, image in episode.images.items()}
        with torch.inference_mode():
            percept = model.perceive(Observation(int(episode.stamps_ns[index]), images, episode.state[index]))
        yield index, int(episode.stamps_ns[index]), percept


def mean_command(episode):
    by_start = {int(stamp): action for stamp, action in zip(episode.stamps_ns, episode.actions)}
    return lambda start_ns, end_ns: by_start[start_ns]


def test_normal_motion_is_not_surprising(model, episodes):
    episode, monitor = episodes[0], SurpriseMonitor(model, Past(model))
    found = [monitor.observe(s, p, mean_command(episode)) for _, s, p in frames(model, episode, 300)]
    p_values = [surprise.p_value for surprise in found if surprise]
    assert len(p_values) == 300 - episode.stride
    assert np.mean(np.array(p_values) <= 0.001) < 0.02


def test_a_jump_to_another_pose_is_surprising_until_a_period_has_passed(model, episodes):
    episode, monitor = episodes[0], SurpriseMonitor(model, Past(model))
    before = list(frames(model, episode, 30))
    far = int(np.argmax(np.abs(episode.state - episode.state[30]).sum(1)))
    jumped = {index: percept for index, _, percept in frames(model, episode, 30, start=far - 30)}
    p_values = []
    for index, stamp, percept in before:
        percept = jumped[far - 30 + index] if index >= 15 else percept
        surprise = monitor.observe(stamp, percept, mean_command(episode))
        p_values.append(surprise.p_value if surprise else 1.0)
    assert max(p_values[15 : 15 + episode.stride]) <= 0.001
    assert min(p_values[episode.stride : 15]) > 0.001


def test_without_a_known_command_there_is_no_verdict(model, episodes):
    monitor = SurpriseMonitor(model, Past(model))
    assert all(monitor.observe(s, p, lambda a, b: None) is None for _, s, p in frames(model, episodes[0], 20))


def test_a_clock_that_jumps_back_or_skips_starts_anew(model, episodes):
    episode, monitor = episodes[0], SurpriseMonitor(model, Past(model))
    rest = lambda start, end: np.zeros(2, np.float32)  # noqa: E731
    for _, stamp, percept in frames(model, episode, 10):
        last = monitor.observe(stamp, percept, rest)
    assert last is not None
    first_stamp = int(episode.stamps_ns[0])
    assert monitor.observe(first_stamp, percept, rest) is None
    assert monitor.observe(first_stamp + 1_000_000_000, percept, rest) is None


def test_a_camera_that_shows_something_else_surprises_though_the_joints_are_right(model, episodes):
    """In the common latent the true joint angles outweigh the picture; what they say of where one is differs."""
    index, _, percept = next(frames(model, episodes[0], 1, start=40))
    far = int(np.argmax(np.abs(episodes[0].state - episodes[0].state[index]).sum(1)))
    *_, elsewhere = next(frames(model, episodes[0], 1, start=far))
    frozen = Percept(percept.latent, elsewhere.sight, percept.feeling)
    assert departure(model, percept.latent, frozen) > 10 * departure(model, percept.latent, percept)


def test_a_camera_that_is_blank_for_good_keeps_surprising(model, episodes):
    """Its next picture is as predicted, blank again; but it does not show where the joints say one is."""
    episode = replace(episodes[0], images={key: np.zeros_like(all) for key, all in episodes[0].images.items()})
    monitor = SurpriseMonitor(model, Past(model))
    found = [monitor.observe(s, p, mean_command(episode)) for _, s, p in frames(model, episode, 60)]
    assert max(surprise.p_value for surprise in found[episode.stride :]) < 0.01
