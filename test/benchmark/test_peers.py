import pytest

from benchmark.peers import NoPeer, run


def test_software_that_fails_says_why():
    with pytest.raises(NoPeer, match="No module named nothing_of_the_sort"):
        run("python3", "-m", "nothing_of_the_sort")
