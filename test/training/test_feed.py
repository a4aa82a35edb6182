import threading

import pytest
import torch

from jepa_ros.training.feed import Feed
from jepa_ros.training.windows import Windows

CPU = torch.device("cpu")


def batch(step):
    return Windows({"top": torch.full((1,), step)}, torch.zeros(1), torch.zeros(1))


def test_batches_come_in_the_order_of_the_steps():
    with Feed(batch, range(3, 8), CPU) as feed:
        assert [int(feed.take().images["top"]) for _ in range(5)] == [3, 4, 5, 6, 7]
        with pytest.raises(IndexError):
            feed.take()


def test_the_next_batch_is_prepared_while_this_one_is_computed_with():
    begun = {step: threading.Event() for step in range(1, 4)}

    def prepare(step):
        begun[step].set()
        return batch(step)

    with Feed(prepare, range(1, 4), CPU) as feed:
        feed.take()
        assert begun[2].wait(5.0)
        assert not begun[3].is_set()


def test_what_goes_wrong_in_the_thread_is_raised_where_batches_are_taken():
    def prepare(step):
        raise OSError(5, "Input/output error", "images.npy")

    with Feed(prepare, range(1, 4), CPU) as feed, pytest.raises(OSError, match=r"images\.npy"):
        feed.take()
