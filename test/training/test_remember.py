"""A memory out of recordings: the places that a robot went through, and the ways between them."""

import numpy as np

from jepa_ros.cli import main
from jepa_ros.memory import Memory
from jepa_ros.training.remember import remember


def test_every_place_that_a_robot_went_through_is_remembered_and_can_be_gone_to(model, episodes):
    told = []
    memory = Memory.apart(model)
    remember(memory, model, episodes, lambda done, total: told.append(done / total))
    assert told[-1] == 1.0
    frames = np.concatenate([episode.state[:: episode.stride] for episode in episodes])
    apart = np.abs(frames[:, None] - memory.states[None]).max(-1).min(1)  # rad, from each frame to the nearest place
    assert np.median(apart) < 0.1
    assert len(memory) < len(frames)
    first, last = memory.locate(memory.latent(0))[0].node, int(memory.stamps.argmax())
    assert memory.route(first, last) is not None
    assert len(memory.predicted)  # beside what was experienced


def test_the_command_makes_a_memory_that_grows_no_more_by_the_same_bag(minute, tmp_path, capsys):
    command = ["remember", minute, "--model", "models/planar_arm", "--memory", tmp_path / "memory", "--cache", "None"]
    lines = []
    for _ in range(2):
        assert main([str(word) for word in command]) == 0
        lines.append(capsys.readouterr().out)
    assert " 0 of them new" not in lines[0]
    assert " 0 of them new" in lines[1]
