"""The demo as a film: what the camera sees, the goal image, and how the distance between them shrinks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from jepa_ros.ros.demo import style
from jepa_ros.ros.demo.scenario import PERIOD, PICTURE
from jepa_ros.ros.demo.trial import Moment, Trial

LEFT, TOP, GAP, RIGHT, BOTTOM = 20, 74, 20, 20, 42  # px
TALL, WIDE = PICTURE
AXIS, CHART = 34, 300  # px: the chart's numbers, and its width
CAMERA, GOAL = LEFT, LEFT + WIDE + GAP
PLOT = GOAL + WIDE + GAP + AXIS
NEWS = (GOAL, PLOT, PLOT + 125, PLOT + 195)  # px: where each piece of news begins
WIDTH, HEIGHT = PLOT + CHART + RIGHT, TOP + TALL + BOTTOM
PAUSE = 1.2  # s for which the end of each goal stays
COLOURS = 128
SAMPLES = 12  # frames that the colours are chosen from


def draw_film(trials: Sequence[Trial], tolerance: float, path: Path) -> None:
    """Write the film (GIF, 10 frames per second)."""
    frames, durations = [], []
    for trial in trials:
        for picture in _frames(trial, trials, tolerance):
            frames.append(Image.fromarray(picture))
            durations.append(round(1000 * PERIOD))
        durations[-1] = round(1000 * PAUSE)
    palette = _palette(frames)
    coded = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    coded[0].save(path, save_all=True, append_images=coded[1:], duration=durations, loop=0, optimize=False)


def _frames(trial: Trial, trials: Sequence[Trial], tolerance: float) -> Iterator[np.ndarray]:
    """The frames (H, W, 3) RGB of one goal. What does not change is drawn once."""
    figure = style.page(WIDTH, HEIGHT)
    canvas = FigureCanvasAgg(figure)
    style.write(figure, LEFT, 34, f"Goal {trial.number} of {len(trials)}", fontsize=style.LARGE, weight="bold")
    style.write(figure, CAMERA, TOP - 9, "Camera", color=style.FAINT)
    style.write(figure, GOAL, TOP - 9, "Goal image", color=style.FAINT)
    style.write(figure, PLOT, TOP - 9, "Latent distance to the goal", color=style.FAINT)
    style.frame(style.place(figure, CAMERA, TOP, WIDE, TALL))
    style.show_picture(style.place(figure, GOAL, TOP, WIDE, TALL), trial.picture)
    axes = style.place(figure, PLOT, TOP, CHART, TALL)
    style.distance_axes(axes, trials, tolerance)
    style.write(figure, PLOT + CHART, HEIGHT - 9, "seconds", color=style.FAINT, fontsize=style.SMALL, ha="right")
    (line,) = axes.plot([], [], color=style.CURVE, linewidth=2.0, solid_capstyle="round", animated=True)
    (tip,) = axes.plot([], [], "o", markersize=6, animated=True)
    news = [style.write(figure, left, 34, "", animated=True) for left in NEWS]
    canvas.draw()
    still = canvas.copy_from_bbox(figure.bbox)
    times, distances = style.curve(trial)
    for index, moment in enumerate(trial.moments):
        canvas.restore_region(still)
        colour = style.verdict(trial) if moment is trial.moments[-1] else style.CURVE
        line.set_data(times[: index + 1], distances[: index + 1])
        tip.set(data=(times[index : index + 1], distances[index : index + 1]), color=colour)
        for artist, words in zip(news, _news(moment)):
            artist.set_text(words)
        news[0].set_color(colour)
        for artist in (line, tip, *news):
            (artist.axes or figure).draw_artist(artist)
        picture = np.asarray(canvas.buffer_rgba())[..., :3].copy()
        picture[TOP + 1 : TOP + TALL, CAMERA + 1 : CAMERA + WIDE] = moment.picture[1:, 1:]  # inside its frame
        yield picture


def _news(moment: Moment) -> tuple[str, ...]:
    return (
        f"{moment.phase}, {moment.time:.1f} s",
        f"distance {moment.distance:.3f}",
        f"step {moment.step}",
        f"surprise p {moment.p_value:.2f}",
    )


def _palette(frames: Sequence[Image.Image]) -> Image.Image:
    """The colours of all frames, chosen from some."""
    chosen = frames[:: max(1, len(frames) // SAMPLES)]
    sheet = Image.new("RGB", (WIDTH, HEIGHT * len(chosen)))
    for index, frame in enumerate(chosen):
        sheet.paste(frame, (0, index * HEIGHT))
    return sheet.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
