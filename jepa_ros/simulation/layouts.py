"""Rooms to drive in: three that never change, and as many random ones as there are seeds."""

from __future__ import annotations

import math

import numpy as np

from jepa_ros.simulation.free_space import FreeSpace
from jepa_ros.simulation.furniture import ROOM, WALL, Layout, Piece, Rug, Solids
from jepa_ros.simulation.mobile_base import RADIUS

QUARTER = math.pi / 2
PASSAGE = 2 * RADIUS + 0.14  # m between two pieces, or none: what the base can pass, never a gap to get stuck in
TRIES = 200
LEAST_FREE = 4.0  # m² for the base's middle

LIVING_ROOM = Layout(
    "living_room",
    (
        Piece("sofa", 1.5, 3.25),
        Piece("coffee_table", 1.5, 1.95),
        Piece("armchair", 0.55, 1.75, QUARTER),
        Piece("divider", 2.9, 2.95, QUARTER),
        Piece("bookshelf", 4.74, 2.6, -QUARTER),
        Piece("sideboard", 1.9, 0.3, math.pi),
        Piece("round_table", 3.75, 1.15),
        Piece("chair", 3.75, 1.78),
        Piece("chair", 4.38, 1.15, -QUARTER),
        Piece("plant", 0.36, 3.35),
        Piece("plant", 4.6, 0.4),
    ),
    (Rug(1.5, 2.05, 1.9, 1.25),),
)
DINING_ROOM = Layout(
    "dining_room",
    (
        Piece("dining_table", 2.5, 1.9),
        Piece("chair", 2.1, 2.5),
        Piece("chair", 2.9, 2.5),
        Piece("chair", 2.1, 1.3, math.pi),
        Piece("chair", 2.9, 1.3, math.pi),
        Piece("sideboard", 2.5, 3.46),
        Piece("bookshelf", 0.25, 1.9, QUARTER),
        Piece("armchair", 4.4, 3.2, -0.6),
        Piece("plant", 0.4, 3.3),
        Piece("plant", 4.6, 0.42),
        Piece("divider", 1.0, 0.72, QUARTER, 1.24),
    ),
    (Rug(2.5, 1.9, 2.5, 1.9),),
)
STUDIO = Layout(
    "studio",
    (
        Piece("bed", 1.06, 2.92),
        Piece("divider", 2.45, 2.88, QUARTER, 1.54),
        Piece("divider", 2.45, 0.75, QUARTER, 1.3),
        Piece("bookshelf", 0.26, 1.1, QUARTER),
        Piece("coffee_table", 1.35, 0.35),
        Piece("desk", 3.9, 3.33),
        Piece("chair", 3.9, 2.8, math.pi),
        Piece("round_table", 3.7, 1.15),
        Piece("chair", 4.32, 1.15, -QUARTER),
        Piece("plant", 4.6, 2.1),
        Piece("plant", 2.83, 0.36),
    ),
    (Rug(3.75, 1.2, 1.9, 1.5),),
)
FIXED = {layout.name: layout for layout in (LIVING_ROOM, DINING_ROOM, STUDIO)}


def find_layout(name: str) -> Layout:
    """The layout of this name: a fixed one's, or ``random:<seed>``.

    Raises:
        ValueError: there is no such layout.
    """
    kind, _, seed = name.partition(":")
    if kind == "random" and seed.isdecimal():
        return random_layout(int(seed))
    if name not in FIXED:
        raise ValueError(f"no layout is called '{name}'; there are {', '.join(FIXED)} and random:<seed>")
    return FIXED[name]


def named_layouts(names: str) -> list[str]:
    """The layouts that are meant: one, or all of ``random:<first>-<last>``.

    Raises:
        ValueError: one of them is none.
    """
    kind, _, seeds = names.partition(":")
    first, between, last = seeds.partition("-")
    if not (kind == "random" and between):
        return [find_layout(names).name]
    if not (first.isdecimal() and last.isdecimal() and int(first) <= int(last)):
        raise ValueError(f"layouts '{names}'; allowed: random:<first>-<last>, say random:0-9")
    return [f"random:{seed}" for seed in range(int(first), int(last) + 1)]


def random_layout(seed: int) -> Layout:
    """A room in which from everywhere one can get everywhere; another one for each seed."""
    random = np.random.default_rng([seed, 0x400])
    while True:
        layout = Layout(f"random:{seed}", tuple(_furnish(random)), (_rug(random),))
        space = FreeSpace(layout)
        if space.connected and space.area > LEAST_FREE:
            return layout


def _furnish(random: np.random.Generator) -> list[Piece]:
    pieces: list[Piece] = []
    along_walls = random.permutation(["sofa", "bookshelf", "sideboard", "desk", "bed", "armchair"])[
        : random.integers(2, 4)
    ]
    anywhere = ["chair"] * random.integers(1, 4) + ["plant"] * random.integers(1, 3)
    anywhere += random.permutation(["coffee_table", "round_table", "dining_table", "divider"])[:2].tolist()
    for kind in along_walls:
        _add(pieces, lambda kind=kind: _at_wall(str(kind), random))
    for kind in anywhere:
        _add(pieces, lambda kind=kind: _in_the_room(kind, random))
    return pieces


def _add(pieces: list[Piece], propose) -> None:
    """Add the first proposed piece that leaves passages to all others, if there is one."""
    for _ in range(TRIES):
        piece = propose()
        if _fits(piece, pieces):
            pieces.append(piece)
            return


def _at_wall(kind: str, random: np.random.Generator) -> Piece:
    """A piece with its back (its own upper side) to one of the four walls."""
    length, depth = Piece(kind, 0, 0).size
    wall = random.integers(4)
    run = ROOM[wall % 2] - 2 * WALL - length
    place = WALL + length / 2 + random.uniform(0, max(run, 0.0))
    back = WALL + depth / 2 + 0.02
    return (
        Piece(kind, place, ROOM[1] - back, 0.0),
        Piece(kind, back, place, QUARTER),
        Piece(kind, place, back, math.pi),
        Piece(kind, ROOM[0] - back, place, -QUARTER),
    )[wall]


def _in_the_room(kind: str, random: np.random.Generator) -> Piece:
    angle = random.integers(4) * QUARTER + random.choice([0.0, random.normal(0, 0.3)])
    return Piece(kind, *random.uniform((WALL, WALL), (ROOM[0] - WALL, ROOM[1] - WALL)), angle)


def _fits(piece: Piece, others: list[Piece]) -> bool:
    """Whether the base can pass between this piece and every other and the walls, but for the wall at its back."""
    room = Solids(Layout("", tuple(others)))
    gaps = room.distances(_outline(piece)).min(0)
    return bool(np.all((gaps >= PASSAGE) | ((gaps < 0.05) & (gaps > 0.0) & _is_wall(len(others)))))


def _is_wall(pieces: int) -> np.ndarray:
    """Which of the solids of a layout with so many pieces are its walls."""
    return np.arange(pieces + 4) >= pieces


def _outline(piece: Piece) -> np.ndarray:
    """Points (N, 2) along the edge of a piece."""
    length, depth = piece.size
    if piece.is_round:
        turn = np.linspace(0, math.tau, 32)
        return np.array([piece.x, piece.y]) + length / 2 * np.stack([np.cos(turn), np.sin(turn)], -1)
    share = np.linspace(-0.5, 0.5, 25)
    sides = [np.stack([share * length, np.full(25, side * depth / 2)], -1) for side in (-1, 1)]
    sides += [np.stack([np.full(25, side * length / 2), share * depth], -1) for side in (-1, 1)]
    own = np.concatenate(sides)
    cos, sin = math.cos(piece.angle), math.sin(piece.angle)
    return np.array([piece.x, piece.y]) + own @ np.array([[cos, sin], [-sin, cos]])


def _rug(random: np.random.Generator) -> Rug:
    return Rug(*random.uniform((1.3, 1.1), (3.7, 2.6)), *random.uniform((1.4, 1.0), (2.2, 1.6)))
