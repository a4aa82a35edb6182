"""What a plan costs this package and what it costs stable-worldmodel, on the same problems in the same run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmark.figures import Figure, conditions
from benchmark.peers import NoPeer, run
from benchmark.swm.environment import python
from benchmark.swm.model import LewmModel
from jepa_ros.contract import Limits
from jepa_ros.evaluation.statistics import median, ratio_of_medians
from jepa_ros.planning import CrossEntropy, GaussNewton, Optimiser, Plan, Planner, Present
from jepa_ros.planning.costs import TerminalDistance

SPEEDUPS = ("swm.same_budget_speedup", "swm.own_defaults_speedup")
NAMES = (*SPEEDUPS, "swm.steps_per_s", "swm.peak_share")
PROBLEMS = 5
CANDIDATES, ITERATIONS, HORIZON, ELITES = 300, 30, 5, 30  # stable-worldmodel's defaults
ENGINE = "compiled"  # of ours at the same numbers; our default search predicts plainly
SPREAD = 1.0  # the deviation that it begins with
LONGEST = 40  # iterations after which our default search has failed to get as far
PEER = Path(__file__).with_name("peer.py")
SETTING = (
    "one thread, same random weights, start and goal; predictor of 6 layers, width 192, 16 heads of 64; "
    f"{CANDIDATES} candidates × {ITERATIONS} iterations × {HORIZON} steps there"
)


def measure(tell: Callable[[float, float], None], problems: int = PROBLEMS) -> dict[str, Figure]:
    """Plan on problems of random weights: with its solver, with its numbers, and with our defaults to its cost."""
    torch.set_num_threads(1)
    peer, same, own, shares, lines = [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(problems):
            file, answer = Path(folder) / "problem.pt", Path(folder) / "answer.pt"
            run(python(), PEER, "problem", file, number)
            run(python(), PEER, "plan", file, answer)
            problem, theirs = torch.load(file), torch.load(answer)
            seconds, plan = _same_budget(problem)
            costs = _judge(file, answer, torch.stack([theirs["actions"], plan.actions]))
            _check(plan, float(costs[1]))
            until, iterations, found = _until(problem, float(costs[0]))
            peer.append(theirs["seconds"])
            same.append(seconds)
            shares.append(_share_of_peak(problem, seconds))
            own.append(until)
            reached = _judge(file, answer, found.unsqueeze(0))[0]
            lines.append(f"costs {costs[0]:.3g}, {costs[1]:.3g}, {reached:.3g} after {iterations} iterations")
            tell(number + 1, problems)
    return {**_speedups(peer, same, own, "; ".join(lines)), **_rates(same, shares)}


def _planner(search: Optimiser, engine: str = "auto") -> Planner:
    unlimited = np.full(10, np.inf)
    limits = Limits(-unlimited, unlimited, unlimited, 1.0)
    return Planner(limits, HORIZON, search, TerminalDistance(), spread=SPREAD, engine=engine)


def _situation(problem: dict) -> tuple[LewmModel, Tensor, Tensor, Present]:
    start, goal = problem["start"].view(1, 1, -1), problem["goal"].view(1, -1)
    return LewmModel(problem["weights"], 10), start, goal, Present(torch.zeros(10), torch.zeros(1))


def _same_budget(problem: dict) -> tuple[float, Plan]:
    """CPU seconds of a plan with its numbers, once predictions are compiled, and the plan."""
    situation = _situation(problem)
    planner = _planner(CrossEntropy(CANDIDATES, ELITES, ITERATIONS, smallest_deviation=0.0), ENGINE)
    next(planner.refine(*situation))
    situation[0].by_engine(ENGINE).predict.settle()
    begin = time.process_time()
    plan = planner.plan(*situation)
    return time.process_time() - begin, plan


def _check(plan: Plan, cost: float) -> None:
    """Raise NoPeer where its cost function does not say of our plan what our predictions of the same weights say."""
    ours = float(plan.distances[-1]) ** 2
    if abs(ours - cost) > 0.05 * cost:
        raise NoPeer(f"the predictors differ: {ours:.4g} is what a plan costs here, {cost:.4g} there")


def _share_of_peak(problem: dict, seconds: float) -> float:
    """What a plan of so many seconds multiplies, over what the processor can at best, in bfloat16 matrix products."""
    model, start, _, _ = _situation(problem)
    counter = FlopCounterMode(display=False)
    with torch.inference_mode(), counter:
        model.predict(model.context(start).expand(CANDIDATES, -1, -1, -1), torch.zeros(CANDIDATES, HORIZON, 10))
    return ITERATIONS * counter.get_total_flops() / seconds / _peak()


def _peak() -> float:
    """Floating-point operations per second of the product of two large bfloat16 matrices."""
    side = 1024
    matrix = torch.ones(side, side, dtype=torch.bfloat16)
    times = []
    for _ in range(10):
        begin = time.process_time()
        matrix @ matrix
        times.append(time.process_time() - begin)
    return 2 * side**3 / float(np.median(times))


def _until(problem: dict, cost: float) -> tuple[float, int, Tensor]:
    """CPU seconds of a plan by our default search to no more than this cost, its iterations, and its actions.

    Infinitely many where it never gets there, which makes the speedup 0.
    """
    situation = _situation(problem)
    iterations = _enough(situation, cost)
    planner = _planner(GaussNewton(iterations=iterations))
    begin = time.process_time()
    plan = planner.plan(*situation)
    spent = time.process_time() - begin
    return spent if iterations < LONGEST else float("inf"), iterations, plan.actions


def _enough(situation: tuple[LewmModel, Tensor, Tensor, Present], cost: float) -> int:
    """How many iterations of our default search find actions that cost no more."""
    for plan in islice(_planner(GaussNewton()).refine(*situation), LONGEST):
        if float(plan.distances[-1]) ** 2 <= cost:
            break
    return plan.iteration


def _judge(file: Path, answer: Path, actions: Tensor) -> Tensor:
    """What stable-worldmodel's own cost function says of action sequences (B, H, A)."""
    asked = file.with_name("actions.pt")
    torch.save(actions, asked)
    run(python(), PEER, "judge", file, asked, answer)
    return torch.load(answer)


def _speedups(peer: list[float], same: list[float], own: list[float], costs: str) -> dict[str, Figure]:
    how = f"CPU time of a plan by stable-worldmodel 0.1.1 (its wheel's CEM and LeWM) over that here; {SETTING}"
    ways = {
        SPEEDUPS[0]: (same, f"the same numbers here, by engine {ENGINE}, which takes a minute to compile before"),
        SPEEDUPS[1]: (own, "the default search here, to the same cost"),
    }
    figures = {}
    for name, (seconds, numbers) in ways.items():
        ratio, low, high = ratio_of_medians(peer, seconds)
        told = f"{numbers}; {how}; its costs, ours at the same numbers, ours by default: {costs}"
        figures[name] = Figure(ratio, "×", low, high, len(peer), conditions(told))
    return figures


def _rates(seconds: list[float], shares: list[float]) -> dict[str, Figure]:
    """Predicted steps per second, and what is multiplied for them as a share of what the processor can at best."""
    steps = [CANDIDATES * ITERATIONS * HORIZON / spent for spent in seconds]
    how = conditions(f"at its numbers, here, by engine {ENGINE}; {SETTING}")
    peak = conditions(f"of what a product of two large bfloat16 matrices does in that time; by {ENGINE}; {SETTING}")
    return {
        NAMES[2]: Figure(*_median(steps, "steps/s"), how),
        NAMES[3]: Figure(*_median([100 * share for share in shares], "%"), peak),
    }


def _median(values: list[float], unit: str) -> tuple[float, str, float, float, int]:
    value, low, high = median(values)
    return value, unit, low, high, len(values)
