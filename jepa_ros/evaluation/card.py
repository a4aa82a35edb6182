"""What an evaluation found, on the model's card."""

from __future__ import annotations

import re
from pathlib import Path

from jepa_ros.evaluation.evaluate import Evaluation
from jepa_ros.evaluation.figures import key_figures
from jepa_ros.evaluation.files import write_whole

CARD = "README.md"
HEADING = "## Evaluation\n"
LAST = "## Limits\n"  # what a card ends with


def check_cards(models: list[str]) -> None:
    """Raises ValueError where a model is no directory on this machine, so that its card can't be written."""
    for model in models:
        if not Path(model).is_dir():
            raise ValueError(f"{model} is no directory here; only the card of a local model can be written")


def write_on_card(model: Path, evaluation: Evaluation, data: str) -> Path:
    """Put the key figures into a model directory's card, in place of those that stand there; returns the card's path.

    ``data`` says what the model was evaluated on.
    """
    card = model / CARD
    before = card.read_text() if card.exists() else ""
    return write_whole(card, _with_section(before, _section(evaluation, data)).encode())


def _section(evaluation: Evaluation, data: str) -> str:
    rows = "".join(f"| {row.name} | {row.texts[0]} |\n" for row in key_figures([evaluation]))
    return f"{HEADING}\nBy `evaluate`, on {data}; intervals are 95 %.\n\n| | |\n|---|---|\n{rows}\n"


def _with_section(card: str, section: str) -> str:
    sections = [part for part in re.split(r"^(?=## )", card, flags=re.MULTILINE) if not part.startswith(HEADING)]
    place = next((index for index, part in enumerate(sections) if part.startswith(LAST)), len(sections))
    return "".join([*sections[:place], section, *sections[place:]])
