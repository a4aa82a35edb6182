"""``evaluate``: models → a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from jepa_ros.paths import user_cache

PERIODS = 3000  # of simulated exploration, where there is no other data


def evaluate(
    models: Annotated[tuple[str, ...], tyro.conf.Positional] = (),
    compare: tuple[str, ...] = (),
    data: tuple[Path, ...] = (),
    simulate: float | None = None,
    trials: int = 50,
    output: Path = Path("evaluation"),
    card: bool = False,
    namespace: str = "",
    cache: Path | None = user_cache() / "episodes",
) -> int:
    """Measure world models and write a report: report.html, its pictures (PNG) and evaluation.json.

    Args:
        models: model directories, or ids on the Hugging Face Hub; several stand side by side.
        compare: more models to put beside them.
        data: bags or LeRobot datasets that no model was trained on; without them the embedded robot explores.
        simulate: minutes for which it does; by default 3000 control periods.
        trials: goals to reach in the embedded simulator, where it has this robot; 0 simulates nothing but data.
        output: folder of the report.
        card: write the key figures on the models' cards too.
        namespace: the robot's, where bags hold several robots.
        cache: folder in which decoded frames are kept for the next time; None keeps none.
    """
    import torch

    from jepa_ros.commands.show.decoding import decode_recordings
    from jepa_ros.commands.show.figures import figures_table
    from jepa_ros.commands.show.terminal import console, progress_bar
    from jepa_ros.evaluation.card import check_cards, write_on_card
    from jepa_ros.evaluation.evaluate import Effort
    from jepa_ros.evaluation.evaluate import evaluate as measure
    from jepa_ros.evaluation.figures import key_figures
    from jepa_ros.evaluation.models import load_models
    from jepa_ros.evaluation.report import write_report
    from jepa_ros.simulation.exploring import explored_episodes
    from jepa_ros.simulation.simulators import simulator_of
    from jepa_ros.simulation.wearing import machines_of

    torch.set_num_threads(1)
    places = [*models, *compare]
    loaded = load_models(places)
    if card:
        check_cards(places)
    robot = next(iter(loaded.values())).contract
    minutes = PERIODS * robot.period / 60 if simulate is None else simulate
    if data:
        episodes = decode_recordings(data, robot, namespace, cache)
    else:
        with progress_bar("exploring") as tell:
            episodes = explored_episodes(robot, minutes * 60, tell)
    simulator, machines = (simulator_of(robot), machines_of(robot)) if trials else (None, None)
    evaluations = []
    for label, model in loaded.items():
        with progress_bar(f"evaluating {label}") as tell:
            evaluations.append(measure(model, label, episodes, simulator, Effort(trials=trials), tell, machines))
    source = ", ".join(map(str, data)) or f"{minutes:g} minutes of simulated exploration"
    report = write_report(evaluations, output, source)
    if card:
        for place, evaluation in zip(places, evaluations):
            write_on_card(Path(place), evaluation, source)
    console.print(figures_table(key_figures(evaluations), list(loaded)))
    console.print(f"report written to {report}")
    return 0
