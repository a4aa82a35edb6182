"""A million commands, and how many of them are illegal."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import as_completed

from benchmark.figures import Figure, conditions
from benchmark.lives import Verdict, live
from benchmark.nodes import SEED
from benchmark.unrest import disturb
from benchmark.workers import workers
from jepa_ros.evaluation.statistics import wilson

COMMANDS = 1_000_000  # in stepped time
LIFE = 5_000  # of one arm
SECONDS = 300.0  # of real time, through running nodes


def measure(
    tell: Callable[[float, float], None], commands: int = COMMANDS, seconds: float = SECONDS, life: int = LIFE
) -> dict[str, Figure]:
    """Judge commands in stepped time, then in real time; takes some 20 minutes."""
    lives = -(-commands // life)
    share = lives * life / (lives * life + seconds * 1000)  # of the time that the first part takes, roughly
    stepped = _many_lives(lives, life, lambda done: tell(share * done, lives))
    running = disturb(lambda done, total: tell(share + (1 - share) * done / total, 1), seconds)
    return {"illegal_commands": figure(stepped, running)}


def _many_lives(lives: int, life: int, tell: Callable[[int], None]) -> Verdict:
    with workers() as pool:
        pending = [pool.submit(live, SEED + number, life) for number in range(lives)]
        for done, _ in enumerate(as_completed(pending), start=1):
            tell(done)
    verdicts = [future.result() for future in pending]
    return Verdict(sum(v.commands for v in verdicts), [text for v in verdicts for text in v.complaints])


def figure(stepped: Verdict, running: Verdict) -> Figure:
    """What was wrong with commands of both kinds; ``n`` is how many were judged."""
    complaints, count = [*stepped.complaints, *running.complaints], stepped.commands + running.commands
    low, high = wilson(len(complaints), count)
    example = f"; the first: {complaints[0]}" if complaints else ""
    how = conditions(
        f"{stepped.commands} commands in stepped time: what leaves the planner node's Commander for plans of all "
        "searches to random goals with the shipped model and for wild wishes (NaN, infinite, up to 1e8), at early, "
        "usual and late moments, with states up to 0.15 s old, goals preempted, canceled, slowed, planners replaced, "
        f"the arm carried away or held; {running.commands} commands in real time, through simulator, world_model and "
        "planner as processes: goals preempted, canceled, stopped, nodes deactivated, killed and started again, all "
        "faults of the simulator; each judged, by code that shares nothing with what makes commands, for names, "
        "numbers, position, speed, acceleration, the stop at its end, and going on from where the one before has led"
        f"{example}"
    )
    return Figure(len(complaints), "commands", low * count, high * count, count, how)
