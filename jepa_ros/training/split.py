"""Keep some of the data out of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from jepa_ros.data.episodes import Episode

ENOUGH = 10  # episodes of which some can be spared whole
OFF = 0.5  # how far, as a share of what was asked for, whole episodes may miss it
PLACES = 5  # at most, of one long episode, from which something is held out
HELD = 20.0  # s at least that are held out at each of them


def split(episodes: Sequence[Episode], share: float, seed: int = 0) -> tuple[list[Episode], list[Episode]]:
    """Training and validation episodes, with about ``share`` of the frames in validation.

    Whole episodes are held out, as evenly from every recording as their lengths allow, so that validation asks about
    times that training has not seen. Where there are fewer than ten, or they are too unlike in length for the share,
    the end of every episode is held out instead, of a long one the ends of a few stretches: one continuous recording
    can be split too, and what is normal is learnt from more than its last minutes.

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
    training, validation = [], []
    for episode in episodes:
        for first, end in _stretches(episode, share):
            cut = end - round((end - first) * share)
            training.append(_part(episode, first, cut))
            validation.append(_part(episode, cut, end))
    return [e for e in training if len(e) > e.stride], [e for e in validation if len(e) > e.stride]


def _stretches(episode: Episode, share: float) -> list[tuple[int, int]]:
    """First frame and end of each stretch of an episode whose end is to be held out."""
    held = share * float(episode.stamps_ns[-1] - episode.stamps_ns[0]) * 1e-9
    count = min(PLACES, max(1, int(held / HELD)))
    bounds = [len(episode) * index // count for index in range(count + 1)]
    return list(zip(bounds, bounds[1:]))


def _part(episode: Episode, first: int, end: int) -> Episode:
    return replace(
        episode,
        images={camera: images[first:end] for camera, images in episode.images.items()},
        state=episode.state[first:end],
        actions=episode.actions[first : max(first, end - episode.stride)],
        stamps_ns=episode.stamps_ns[first:end],
    )
