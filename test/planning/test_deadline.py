"""As many candidates as there is time for, and the first few in any case."""

import time

import pytest
import torch

from jepa_ros.planning.deadline import FIRST, Deadline

HORIZON = 8
CANDIDATES = torch.arange(4096.0).view(-1, 1, 1).expand(-1, HORIZON, 1)
FEWEST = FIRST // HORIZON


class Work:
    """Doubles candidates; takes a known time for each."""

    def __init__(self, seconds: float = 0.0):
        self.seconds, self.parts = seconds, []

    def __call__(self, candidates):
        self.parts.append(len(candidates))
        time.sleep(self.seconds * len(candidates))
        return 2 * candidates


def test_without_a_deadline_all_is_done_at_once():
    work = Work()
    assert torch.equal(Deadline().spend(CANDIDATES, work), 2 * CANDIDATES)
    assert work.parts == [len(CANDIDATES)]


def test_with_time_enough_all_is_done_in_parts_that_double():
    work = Work()
    assert torch.equal(Deadline(time.monotonic() + 60).spend(CANDIDATES, work), 2 * CANDIDATES)
    assert work.parts == [FEWEST * size for size in (1, 2, 4, 8, 16)] + [FEWEST]


def test_with_no_time_the_first_few_are_done():
    work = Work()
    assert torch.equal(Deadline(time.monotonic() - 1).spend(CANDIDATES, work), 2 * CANDIDATES[:FEWEST])
    assert work.parts == [FEWEST]


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_what_is_done_ends_in_its_share_of_the_time(share):
    tries = []
    for _ in range(5):  # a busy machine may spoil some
        work, begin = Work(1e-4), time.monotonic()
        made = Deadline(begin + 0.2).spend(CANDIDATES, work, share)
        tries.append(time.monotonic() - begin)
        assert torch.equal(made, 2 * CANDIDATES[: len(made)])
        assert FEWEST < sum(work.parts) < len(CANDIDATES)
    assert min(tries) < 0.2 * share + 0.01
    assert max(tries) > 0.12 * share
