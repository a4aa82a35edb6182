"""Keep some of the data out of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jepa_ros.data.episodes import Episode


def split(episodes: Sequence[Episode], share: float) -> tuple[list[Episode], list[Episode]]:
    """Training and validation episodes: the last ``share`` of every episode is held out.

    By time, so that no validation frame lies between training frames; of every episode, so that one continuous
    recording can be split too.
    """
    cuts = [(episode, round(len(episode) * (1 - share))) for episode in episodes]
    training = [_part(episode, 0, cut) for episode, cut in cuts]
    validation = [_part(episode, cut, len(episode)) for episode, cut in cuts]
    return [e for e in training if len(e) > e.stride], [e for e in validation if len(e) > e.stride]


def _part(episode: Episode, first: int, end: int) -> Episode:
    return replace(
        episode,
        images={camera: images[first:end] for camera, images in episode.images.items()},
        state=episode.state[first:end],
        actions=episode.actions[first : max(first, end - episode.stride)],
        stamps_ns=episode.stamps_ns[first:end],
    )
