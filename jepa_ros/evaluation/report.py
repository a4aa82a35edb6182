"""The report: pictures, one HTML page that needs nothing beside it, and all numbers as JSON."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from matplotlib.figure import Figure

from jepa_ros.evaluation import pictures
from jepa_ros.evaluation.evaluate import Evaluation
from jepa_ros.evaluation.figures import Row, key_figures
from jepa_ros.evaluation.files import write_whole

SCREEN_DPI = 112  # at which pictures are shown; they are drawn finer, for screens that can show it
STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 72rem; padding: 2.5rem 1.5rem 4rem; color: #24272d; background: #fff;
       font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 3rem 0 .3rem; font-size: 1.2rem; }
p { margin: .3rem 0 1rem; max-width: 46rem; color: #5a5f68; }
img { display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin-top: 1.5rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem 1.4rem .35rem 0; text-align: left; border-bottom: 1px solid #eceae6; }
th { font-weight: 600; }
td:first-child { color: #5a5f68; }
.best { font-weight: 600; color: #188a58; }
"""


@dataclass(frozen=True)
class Section:
    """A picture with what it is called and what it says."""

    name: str
    heading: str
    words: str
    draw: Callable[[Sequence[Evaluation]], Figure | None]


SECTIONS = (
    Section(
        "trials",
        "Goals reached",
        "From random starts to pictures of random goals in the embedded simulator. Reached: the pursuit says it has "
        "arrived, and the robot really is within the tolerance. Intervals are Wilson’s, 95 %. Random actions, for as "
        "long from the same starts, count if they only pass by.",
        pictures.draw_trials,
    ),
    Section(
        "prediction",
        "Prediction",
        "How far predicted latents are from those that came, without a look in between: median, and the band that "
        "holds 80 %. 1.0 is the median distance between two random states.",
        pictures.draw_prediction,
    ),
    Section(
        "ranking",
        "Ranking",
        "Would the model have chosen what really led there? True action sequences among others from the same data, "
        "ordered by predicted distance to the goal image of where the true one led. Sequences that end in nearly the "
        "same place can’t be told apart, so the first place is not always deserved.",
        pictures.draw_ranking,
    ),
    Section(
        "probes",
        "What latents know",
        "The state as a linear map reads it from latents of unseen frames.",
        pictures.draw_probes,
    ),
    Section(
        "latents",
        "The latent space",
        "Latents in the plane of their two main directions, coloured by each value of the state. A map that can be "
        "planned on is smooth and does not fold.",
        pictures.draw_latents,
    ),
    Section(
        "faults",
        "Surprise: faults",
        "How well the error of a one-period prediction tells frames with a fault from normal ones. A blocked joint or "
        "a frozen camera counts while the robot is told to move.",
        pictures.draw_faults,
    ),
    Section(
        "alarms",
        "Surprise: false alarms",
        "How often normal frames have p-values up to a rate, over that rate. One is what was asked for; in the green "
        "band it is kept within a factor of two. Lines are 95 % intervals over whole runs.",
        pictures.draw_alarms,
    ),
    Section(
        "warnings",
        "Drift: faults that develop",
        "One run for each fault, from sound to failed: by how many deviations the averages of signed errors lie above "
        "what is normal. The threshold is the one at which a tenth of normal hours would have raised an alarm.",
        pictures.draw_warnings,
    ),
)


def write_report(evaluations: Sequence[Evaluation], folder: Path, data: str) -> Path:
    """Write report.html, evaluation.json and the pictures into ``folder``; returns the page's path.

    ``data`` says what the models were evaluated on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {section: _png(section.draw(evaluations)) for section in SECTIONS}
    for section, png in drawn.items():
        if png:
            write_whole(folder / f"{section.name}.png", png)
    found = {"data": data, "models": [asdict(evaluation) for evaluation in evaluations]}
    write_whole(folder / "evaluation.json", json.dumps(found, allow_nan=False, indent=1).encode())
    page = _page(evaluations, data, {section: png for section, png in drawn.items() if png})
    return write_whole(folder / "report.html", page.encode())


def _page(evaluations: Sequence[Evaluation], data: str, drawn: dict[Section, bytes]) -> str:
    names = " · ".join(html.escape(evaluation.model) for evaluation in evaluations)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation: {names}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{names}</h1>
<p>{html.escape(f"Robot: {evaluations[0].robot}. Data: {data}.")}</p>
{_table(evaluations)}
{"".join(_section(section, png) for section, png in drawn.items())}
</body>
</html>
"""


def _table(evaluations: Sequence[Evaluation]) -> str:
    head = "".join(f"<th>{html.escape(evaluation.model)}</th>" for evaluation in evaluations)
    rows = "".join(map(_row, key_figures(evaluations)))
    return f'<div class="wide"><table><tr><th></th>{head}</tr>{rows}</table></div>'


def _row(row: Row) -> str:
    cells = "".join(
        f'<td class="best">{html.escape(text)}</td>' if index == row.best else f"<td>{html.escape(text)}</td>"
        for index, text in enumerate(row.texts)
    )
    return f"<tr><td>{html.escape(row.name)}</td>{cells}</tr>"


def _section(section: Section, png: bytes) -> str:
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    width = int.from_bytes(png[16:20], "big") * SCREEN_DPI // pictures.DPI
    return f"""
<h2>{section.heading}</h2>
<p>{section.words}</p>
<div class="wide"><img src="{source}" width="{width}" alt="{section.heading}"></div>
"""


def _png(figure: Figure | None) -> bytes | None:
    if figure is None:
        return None
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
