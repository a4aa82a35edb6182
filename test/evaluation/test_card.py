"""What was found stands on the model's card, once."""

import dataclasses

import pytest

from jepa_ros.evaluation.card import check_cards, write_on_card

CARD = "# World model\n\n## Training\n\nlong\n\n## Limits\n\nThis robot only.\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "README.md").write_text(CARD)
    return tmp_path


def test_key_figures_come_before_the_limits_and_all_else_stays(offline, folder):
    card = write_on_card(folder, offline, "a minute").read_text()
    before, after = card.split("## Evaluation\n")
    section, limits = after.split("## Limits\n")
    assert before + "## Limits\n" + limits == CARD
    assert "on a minute" in section
    assert f"| effective rank of the latents | {offline.latents.effective_rank:.1f} of" in section


def test_a_later_evaluation_takes_the_place_of_an_earlier_one(offline, folder):
    write_on_card(folder, offline, "a minute")
    better = dataclasses.replace(offline, ranking=dataclasses.replace(offline.ranking, first=0.123))
    card = write_on_card(folder, better, "an hour").read_text()
    assert card.count("## Evaluation") == 1
    assert "an hour" in card
    assert "12%" in card
    assert [path.name for path in folder.iterdir()] == ["README.md"]


def test_a_card_without_sections_gets_one(offline, tmp_path):
    assert write_on_card(tmp_path, offline, "a minute").read_text().startswith("## Evaluation\n")


def test_a_model_that_is_not_here_has_no_card_to_write():
    with pytest.raises(ValueError, match="somebody/arm is no directory here"):
        check_cards(["somebody/arm"])
