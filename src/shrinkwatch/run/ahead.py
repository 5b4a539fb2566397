"""Keeps both hands busy: makes the next thing while the last one is worked on."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")


def ahead(things: Iterable[Thing]) -> Iterator[Thing]:
    """Yield the things in their order, each made in a thread beside the work on the one before.

    One thing more than without it is held in memory. What making one raises is raised here.
    """
    source = iter(things)
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(next, source, None)
        while (thing := coming.result()) is not None:
            coming = beside.submit(next, source, None)
            yield thing
            del thing  # it need not wait for the next one
