"""The report needs nothing beside it and shows every model."""

import dataclasses
import json
import re

import pytest

from jepa_ros.evaluation.evaluate import Effort, evaluate
from jepa_ros.evaluation.figures import key_figures
from jepa_ros.evaluation.models import load_models
from jepa_ros.evaluation.pictures import draw_faults, draw_latents, draw_probes, draw_trials, draw_warnings
from jepa_ros.evaluation.report import write_report
from jepa_ros.evaluation.warning import Example, Warnings, Watched
from jepa_ros.simulation.faults import FAULTS
from jepa_ros.simulation.simulators import Simulator, simulator_of

CHARTS = (("Shewhart", 20.0), ("CUSUM", 100.0))
SMALL = Effort(trials=1, faults=1, runs=1)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def evaluation(contract, model, episodes, told):
    return evaluate(model, "arm <one>", episodes, simulator_of(contract), SMALL, lambda *done: told.append(done))


@pytest.fixture(scope="module")
def folder(evaluation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    worse = dataclasses.replace(
        evaluation.ranking, mean=0.5, first=0.0, first_tenth=0.1, ranks=[0.5] * len(evaluation.ranking.ranks)
    )
    write_report([evaluation, dataclasses.replace(evaluation, model="arm two", ranking=worse)], folder, "a minute")
    return folder


def test_progress_goes_from_nothing_to_all(evaluation, told):
    assert [done for done, _ in told] == list(range(len(told)))
    assert told[-1][0] == told[-1][1]


def test_the_page_is_self_contained_and_whole(folder):
    page = (folder / "report.html").read_text()
    assert "//" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert all(source.startswith("data:image/png;base64,") for source in re.findall(r'(?:src|href)="([^"]*)', page))
    assert page.count("<img") == 7
    assert page.rstrip().endswith("</html>")


def test_the_page_shows_every_model_and_escapes_their_names(folder):
    page = (folder / "report.html").read_text()
    assert "<th>arm &lt;one&gt;</th><th>arm two</th>" in page
    assert "arm <one>" not in page


def test_every_picture_also_stands_beside_the_page(folder):
    names = sorted(path.name for path in folder.iterdir())
    pictures = ("alarms", "faults", "latents", "prediction", "probes", "ranking", "trials")
    assert names == sorted(["evaluation.json", "report.html", *(f"{name}.png" for name in pictures)])


def test_the_numbers_are_plain_json_with_all_models(folder):
    found = json.loads((folder / "evaluation.json").read_text())
    assert [one["model"] for one in found["models"]] == ["arm <one>", "arm two"]
    assert found["models"][0]["closed_loop"]["reached"]["trials"] == 1
    assert {fault["fault"] for fault in found["models"][0]["faults"]} == set(FAULTS)


def test_the_better_of_two_models_is_marked_and_a_tie_is_not(evaluation):
    worse = dataclasses.replace(evaluation, ranking=dataclasses.replace(evaluation.ranking, mean=0.5))
    rows = {row.name: row for row in key_figures([worse, evaluation])}
    assert next(row for name, row in rows.items() if name.startswith("rank of the true")).best == 1
    assert rows["goals reached"].best is None


def test_a_robot_without_a_simulator_gets_the_offline_part(offline):
    assert (offline.closed_loop, offline.faults) == (None, [])
    assert [alarms.driver for alarms in offline.alarms] == ["recorded data"]
    assert draw_trials([offline]) is draw_faults([offline]) is None


def test_a_machine_that_wears_gets_its_warning_times_beside_those_of_charts(evaluation):
    model = Watched("world model", 5.0, 1, 10, {"leak": [100.0, 200.0], "fouling": [0.0, 50.0]})
    charts = [Watched(name, 3.0, 1, 10, {"leak": [0.0, 40.0], "fouling": [60.0, seconds]}) for name, seconds in CHARTS]
    examples = [Example("leak", [0.0, 600.0], [0.0, 9.0], 300.0, 700.0, 600.0),
                Example("fouling", [0.0, 600.0], [0.0, 1.0], 300.0, 700.0, None)]  # fmt: skip
    tank = dataclasses.replace(evaluation, warnings=Warnings(model, charts, examples))
    rows = {row.name: row.texts[0] for row in key_figures([tank])}
    assert rows["warning before failure: leak, mean (best control chart)"] == "150 s (20 s)"
    assert rows["warning before failure: fouling, mean (best control chart)"] == "25 s (80 s)"
    assert [panel.get_title(loc="left") for panel in draw_warnings([tank, evaluation]).axes] == ["leak", "fouling"]
    assert draw_warnings([evaluation]) is None


def test_a_machine_whose_state_is_not_known_is_drawn_without_it(evaluation):
    plane = dataclasses.replace(evaluation.latents.plane, names=[], state=[[] for _ in evaluation.latents.plane.x])
    stateless = dataclasses.replace(evaluation, latents=dataclasses.replace(evaluation.latents, probes=[], plane=plane))
    assert draw_probes([stateless]) is None
    assert len(draw_latents([stateless]).axes) == 1


def test_models_are_called_by_their_folders_unless_these_are_the_same(model, tmp_path):
    for name in ("a/arm", "b/arm", "b/other"):
        model.save_pretrained(tmp_path / name, "card")
    places = [str(tmp_path / name) for name in ("a/arm", "b/arm", "b/other")]
    assert list(load_models(places)) == [places[0], places[1], "other"]
    assert list(load_models(places[1:])) == ["arm", "other"]


def test_models_of_different_robots_are_not_compared(model, tmp_path):
    for name in ("arm", "crane"):
        model.save_pretrained(tmp_path / name, "card")
    contract = tmp_path / "crane/contract.yaml"
    contract.write_text(contract.read_text().replace("robot_type: planar_arm", "robot_type: crane"))
    with pytest.raises(ValueError, match="crane and arm can't be compared, their contracts differ: robot type"):
        load_models([str(tmp_path / "arm"), str(tmp_path / "crane")])


def test_no_model_is_refused_in_words():
    with pytest.raises(ValueError, match="name one or more"):
        load_models([])


def test_only_robots_that_the_package_has_are_simulated(contract):
    assert isinstance(simulator_of(contract), Simulator)
    assert simulator_of(dataclasses.replace(contract, robot_type="crane")) is None
