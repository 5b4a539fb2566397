"""What reading costs, told so that it holds on a machine of any speed that is busy with more."""

import time
from collections.abc import Callable

import pytest


def cpu_s(work: Callable[[bytes], object], raw: bytes, times: int = 3) -> float:
    """Return the CPU time of the quickest; the first time compiles what is to be compiled."""
    took = []
    for _ in range(times):
        begun = time.process_time()
        work(raw)
        took.append(time.process_time() - begun)
    return min(took)


@pytest.fixture(name="cpu_s")
def cpu_s_of() -> Callable[[Callable[[bytes], object], bytes], float]:
    return cpu_s


@pytest.fixture
def growth() -> Callable[[Callable[[bytes], object], bytes, bytes], float]:
    """Tells how many times as much CPU time many bytes take as few.

    Less than a hundredth of a second counts as one: so little tells nothing.
    """

    def grown(work: Callable[[bytes], object], few: bytes, many: bytes) -> float:
        before = cpu_s(work, few)
        return cpu_s(work, many, times=1) / max(before, 0.01)

    return grown
