"""Recordings being decoded, as they are read by more than one command."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from jepa_ros.commands.show.terminal import console, progress_bar
from jepa_ros.contract import Contract
from jepa_ros.data.episodes import Episode, load_episodes


def decode_recordings(paths: Sequence[Path], contract: Contract, namespace: str, cache: Path | None) -> list[Episode]:
    """The episodes of the recordings, with a bar, what is wrong with them, and where they are kept."""
    with progress_bar("decoding") as tell:
        episodes = load_episodes(paths, contract, namespace, tell, _warn, cache)
    if cache is not None:
        console.print(f"decoded frames are kept in {cache}", highlight=False, soft_wrap=True)
    return episodes


def _warn(text: str) -> None:
    console.print(f"[yellow]{escape(text)}")
