import numpy as np
import torch

from jepa_ros.contract import Observation
from jepa_ros.world_model import SurpriseMonitor


def frames(model, episode, count, start=0):
    """(stamp, latent) of successive frames of an episode."""
    for index in range(start, start + count):
        images = {camera: image[index] for camera, image in episode.images.items()}
        with torch.inference_mode():
            latent = model.encode(Observation(int(episode.stamps_ns[index]), images, episode.state[index]))
        yield index, int(episode.stamps_ns[index]), latent


def mean_command(episode):
    by_start = {int(stamp): action for stamp, action in zip(episode.stamps_ns, episode.actions)}
    return lambda start_ns, end_ns: by_start[start_ns]


def test_normal_motion_is_not_surprising(model, episodes):
    episode, monitor = episodes[0], SurpriseMonitor(model)
    found = [monitor.observe(s, z, mean_command(episode)) for _, s, z in frames(model, episode, 300)]
    p_values = [surprise.p_value for surprise in found if surprise]
    assert len(p_values) == 300 - episode.stride
    assert np.mean(np.array(p_values) <= 0.001) < 0.02


def test_a_jump_to_another_pose_is_surprising_until_a_period_has_passed(model, episodes):
    episode, monitor = episodes[0], SurpriseMonitor(model)
    before = list(frames(model, episode, 30))
    far = int(np.argmax(np.abs(episode.state - episode.state[30]).sum(1)))
    jumped = {index: latent for index, _, latent in frames(model, episode, 30, start=far - 30)}
    p_values = []
    for index, stamp, latent in before:
        latent = jumped[far - 30 + index] if index >= 15 else latent
        surprise = monitor.observe(stamp, latent, mean_command(episode))
        p_values.append(surprise.p_value if surprise else 1.0)
    assert max(p_values[15 : 15 + episode.stride]) <= 0.001
    assert min(p_values[episode.stride : 15]) > 0.001


def test_without_a_known_command_there_is_no_verdict(model, episodes):
    monitor = SurpriseMonitor(model)
    assert all(monitor.observe(s, z, lambda a, b: None) is None for _, s, z in frames(model, episodes[0], 20))


def test_a_clock_that_jumps_back_or_skips_starts_anew(model, episodes):
    episode, monitor = episodes[0], SurpriseMonitor(model)
    rest = lambda start, end: np.zeros(2, np.float32)  # noqa: E731
    for _, stamp, latent in frames(model, episode, 10):
        last = monitor.observe(stamp, latent, rest)
    assert last is not None
    first_stamp = int(episode.stamps_ns[0])
    assert monitor.observe(first_stamp, latent, rest) is None
    assert monitor.observe(first_stamp + 10 * monitor.period_ns, latent, rest) is None
