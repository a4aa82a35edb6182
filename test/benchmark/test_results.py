from __future__ import annotations

import json
import re
from datetime import date

import pytest

from benchmark.figures import Figure, conditions
from benchmark.registry import FAMILIES, UnknownFigure, chosen
from benchmark.results import FILE, merge, read, table

FIGURE = Figure(98.0, "%", 89.5, 99.6, 50, conditions("50 trials"))


def test_a_part_that_is_measured_anew_leaves_the_others_as_they_were(tmp_path):
    path = tmp_path / "results.json"
    merge({"arm.success": FIGURE, "arm.time_s": FIGURE}, path)
    merge({"arm.success": Figure(90.0, "%", 80.0, 95.0, 50, "anew")}, path)
    assert read(path) == {"arm.success": Figure(90.0, "%", 80.0, 95.0, 50, "anew"), "arm.time_s": FIGURE}


def test_the_file_is_a_flat_object_of_figures(tmp_path):
    path = tmp_path / "results.json"
    merge({"arm.success": FIGURE}, path)
    (entry,) = json.loads(path.read_text()).values()
    assert list(entry) == ["value", "unit", "low", "high", "n", "conditions", "date"]
    assert entry["date"] == date.today().isoformat()
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


def test_a_figure_carries_no_digits_that_mean_nothing(tmp_path):
    path = tmp_path / "results.json"
    merge({"replan.cpu_ms": Figure(7.75239600106, "ms", 7.7344859999, 7.7799760001, 632, "here")}, path)
    assert read(path)["replan.cpu_ms"].value == 7.752


def test_a_prefix_chooses_the_families_that_it_names():
    assert [name for family in chosen("latent.lat") for name in family.names] == [
        "latent.latency_ms",
        "latent.latency_ratio",
    ]
    assert chosen("") == list(FAMILIES)


def test_a_prefix_that_names_nothing_is_refused_with_what_there_is():
    with pytest.raises(UnknownFigure, match=r"replan\.cpu_ms"):
        chosen("plannar")


def test_conditions_name_the_kind_of_machine_and_no_machine():
    assert re.search(r"; .+, \d+ cores$", conditions("how"))


def test_the_table_shows_every_figure():
    assert table({"a": FIGURE, "b": Figure(181.0, "s", None, None, 1, "once, by hand")}).row_count == 2


@pytest.mark.skipif(not FILE.exists(), reason="nothing measured yet")
def test_the_committed_file_can_be_read_and_its_intervals_hold_their_values():
    for name, figure in read().items():
        date.fromisoformat(figure.date)
        assert figure.n > 0, name
        assert figure.conditions, name
        if figure.low is not None:
            assert figure.low <= figure.value <= figure.high, name
