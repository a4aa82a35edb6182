"""What moves in a picture and means nothing: flickering foliage, drifting clouds, a camera's noise.

None of it can be predicted from what the robot does. A world model should not waste itself on it.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import cv2
import numpy as np

FLICKER = 12.0  # Hz, how often leaves are somewhere else
DRIFT = (23.0, 9.0)  # px/s of the clouds' shade
DARKEST = 0.55  # share of the light that the thickest cloud lets pass, at full strength
NOISE = 25.0  # grey levels, the standard deviation of the noise at full strength
COARSE = 8  # px of the picture for each of the clouds' own
SKY = 128  # of the clouds' px, after which the sky repeats
MOMENTS = 4096  # random places of leaves and of noise, after which they repeat
SCENE = 0xD15  # the seed of what is always the same
LEAVES = ((70, 118, 58), (92, 146, 74), (52, 92, 48), (118, 164, 88), (40, 70, 40))


class Distractors:
    """Distractions of one camera; the same seed and time give the same ones.

    The bushes stand where they stand, whatever the seed: it says how they flicker, where the clouds come from, and what
    noise the camera has. So a robot is trained and run before the same scene, but never in the same moments.

    Args:
        level: share of the pixels that foliage covers, 0 … 1, and strength of clouds and noise.
        seed: of all that changes.

    Raises:
        ValueError: `level` is not within 0 … 1.
    """

    def __init__(self, level: float = 0.0, seed: int = 0) -> None:
        if not 0.0 <= level <= 1.0:
            raise ValueError(f"distractors are {level}, not a share of the pixels within 0 … 1")
        self.level, self._seed = level, seed

    def behind(self, image: np.ndarray, time: float) -> None:
        """Let foliage flicker in a picture of the scene without the robot, uint8 (H, W, 3), which is changed."""
        if not self.level:
            return
        scene = _scene(self.level, image.shape[:2])
        for bush, (top, left, height, width) in enumerate(scene.bushes):
            y, x = self._place(int(time * FLICKER) + 977 * bush, scene)
            leaves = scene.leaves[y : y + height, x : x + width]
            part = (slice(top, top + height), slice(left, left + width))
            cv2.copyTo(leaves, scene.mask[part], image[part])

    def before(self, image: np.ndarray, time: float) -> None:
        """Put the clouds' shade and the camera's noise over a picture uint8 (H, W, 3), which is changed."""
        if not self.level:
            return
        scene = _scene(self.level, image.shape[:2])
        scene.shade(image, self._sky + time * np.array(DRIFT))
        scene.disturb(image, self._place(-1 - int(time * 1000), scene))

    def _place(self, moment: int, scene: _Scene) -> tuple[int, int]:
        """Where in a texture of twice the picture's size to look at a moment: (y, x) in px."""
        y, x = self._moments[moment % MOMENTS] * scene.size
        return int(y), int(x)

    @cached_property
    def _moments(self) -> np.ndarray:
        return np.random.default_rng([self._seed, SCENE]).random((MOMENTS, 2))

    @cached_property
    def _sky(self) -> np.ndarray:
        """How far (2,) in px the clouds have come when time begins."""
        return np.random.default_rng([self._seed, SCENE, 1]).uniform(0, COARSE * SKY, 2)


@lru_cache(maxsize=4)
def _scene(level: float, size: tuple[int, int]) -> _Scene:
    return _Scene(level, size)


class _Scene:
    """What distracts in pictures of one size (height, width): where it is, and what it is made of."""

    def __init__(self, level: float, size: tuple[int, int]) -> None:
        self.level, self.size = level, size

    def shade(self, image: np.ndarray, way: np.ndarray) -> None:
        """Clouds that have come a `way` (2,) in px."""
        height, width = self.size
        shift = np.array([[1, 0, way[0] / COARSE], [0, 1, way[1] / COARSE]])
        coarse = (-(-width // COARSE), -(-height // COARSE))
        light = cv2.warpAffine(self._clouds, shift, coarse, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        cv2.multiply(image, cv2.resize(light, (width, height)), image, 1 / 255)

    def disturb(self, image: np.ndarray, place: tuple[int, int]) -> None:
        """Noise, as it is at a place of its texture."""
        (height, width), (y, x) = self.size, place
        part = (slice(y, y + height), slice(x, x + width))
        cv2.add(image, self._noise[0][part], image)
        cv2.subtract(image, self._noise[1][part], image)

    @cached_property
    def mask(self) -> np.ndarray:
        """Where foliage is (H, W): a share `level` of the pixels, in a few large bushes."""
        height, width = self.size
        hills = cv2.resize(self._random(1).normal(size=(7, 9)), (width, height), interpolation=cv2.INTER_CUBIC)
        fringe = cv2.resize(self._random(2).normal(size=(48, 64)), (width, height), interpolation=cv2.INTER_CUBIC)
        thick = hills + 0.12 * fringe
        return np.where(thick >= np.quantile(thick, 1 - self.level), 255, 0).astype(np.uint8)

    @cached_property
    def bushes(self) -> list[tuple[int, int, int, int]]:
        """Top, left, height, width of what hangs together, large enough to flicker by itself."""
        _, _, boxes, _ = cv2.connectedComponentsWithStats(self.mask)
        return [(top, left, height, width) for left, top, width, height, _ in boxes[1:].tolist()]

    @cached_property
    def leaves(self) -> np.ndarray:
        """Leaves of every green, over twice the size of the picture."""
        height, width = (2 * length for length in self.size)
        random = self._random(3)
        image = np.full((height, width, 3), LEAVES[-1], np.uint8)
        count = height * width // 160
        centres = random.integers(0, (width, height), (count, 2)).tolist()
        axes = random.integers((9, 4), (20, 8), (count, 2)).tolist()
        colours = (
            np.array(LEAVES)[random.integers(len(LEAVES), size=count)] * random.uniform(0.8, 1.25, (count, 1))
        ).tolist()
        for centre, axis, turn, colour in zip(centres, axes, random.uniform(0, 180, count).tolist(), colours):
            cv2.ellipse(image, centre, axis, turn, 0, 360, colour, -1, cv2.LINE_AA)
        return image

    @cached_property
    def _clouds(self) -> np.ndarray:
        """Light (h, w, 3) that passes the clouds, of a sky that repeats."""
        sky = sum(_periodic_hills(self._random(4 + octave), 4 * 2**octave) / 2**octave for octave in range(3))
        cover = np.clip((sky - np.quantile(sky, 0.4)) / np.ptp(sky) * 2, 0, 1)
        light = 1 - min(1.0, 2 * self.level) * (1 - DARKEST) * cover
        return np.repeat(np.round(255 * light).astype(np.uint8)[..., None], 3, axis=2)

    @cached_property
    def _noise(self) -> tuple[np.ndarray, np.ndarray]:
        """What noise adds and what it takes, over twice the size of the picture."""
        shape = (2 * self.size[0], 2 * self.size[1], 3)
        noise = np.round(self._random(9).standard_normal(shape, np.float32) * (NOISE * self.level))
        return np.clip(noise, 0, 255).astype(np.uint8), np.clip(-noise, 0, 255).astype(np.uint8)

    def _random(self, part: int) -> np.random.Generator:
        return np.random.default_rng([part, SCENE])


def _periodic_hills(random: np.random.Generator, count: int, size: int = SKY) -> np.ndarray:
    """Smooth noise (size, size) that goes on at the other side."""
    seeds = np.pad(random.normal(size=(count, count)), 2, mode="wrap")
    scale = size // count
    return cv2.resize(seeds, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)[
        2 * scale : 2 * scale + size, 2 * scale : 2 * scale + size
    ]
