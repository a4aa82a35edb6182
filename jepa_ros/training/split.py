"""Keep some of the data out of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jepa_ros.data.episodes import Episode

ENOUGH = 10  # episodes of which some can be spared whole
OFF = 0.5  # how far, as a share of what was asked for, whole episodes may miss it


def split(episodes: Sequence[Episode], share: float, seed: int = 0) -> tuple[list[Episode], list[Episode]]:
    """Training and validation episodes, with about ``share`` of the frames in validation.

    Whole episodes are held out, as evenly from every recording as their lengths allow, so that validation asks about
    times that training has not seen. Where there are fewer than ten, or they are too unlike in length for the share,
    the end of every episode is held out instead: one continuous recording can be split too, and no validation frame
    lies between training frames.

    The same episodes, share and seed give the same split.
    """
    held = _chosen(episodes, share, seed)
    if held is None:
        return _ends(episodes, share)
    parts = [[episode for index, episode in enumerate(episodes) if (index in held) == kept] for kept in (False, True)]
    return parts[0], parts[1]


def _chosen(episodes: Sequence[Episode], share: float, seed: int) -> set[int] | None:
    """Indices of the episodes to hold out whole, None where that can't be done well."""
    if len(episodes) < ENOUGH:
        return None
    lengths = np.array([len(episode) for episode in episodes])
    wanted, total, held = share * lengths.sum(), 0, set()
    for index in _in_turn(episodes, seed):
        if abs(total + lengths[index] - wanted) < abs(total - wanted):
            held.add(index)
            total += lengths[index]
    return held if abs(total - wanted) <= OFF * wanted and len(held) < len(episodes) else None


def _in_turn(episodes: Sequence[Episode], seed: int) -> list[int]:
    """All indices in random order, one of each recording in turn."""
    random = np.random.default_rng(seed)
    rounds: dict[str, int] = {}
    ranked = []
    for index in random.permutation(len(episodes)).tolist():
        source = episodes[index].source
        rounds[source] = rounds.get(source, 0) + 1
        ranked.append((rounds[source], index))
    return [index for _, index in sorted(ranked, key=lambda item: item[0])]


def _ends(episodes: Sequence[Episode], share: float) -> tuple[list[Episode], list[Episode]]:
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
