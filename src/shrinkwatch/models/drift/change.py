"""Finds the moment from which a stream of numbers has another mean."""

from collections.abc import Sequence
from typing import Any

DELTA = 0.002
"""How readily a change is believed, as the authors of ADWIN have it."""


def changes(values: Sequence[float], most: float = 1.0) -> tuple[int, ...]:
    """Return the places (from 0) after which the mean was found to have changed, oldest first.

    values: in their order, from 0 to `most`. The change itself lies somewhere before the place.
    Source: ADWIN, Bifet & Gavalda 2007, "Learning from time-changing data with adaptive windowing".

    >>> changes([0.0] * 100 + [1.0] * 100)[0] in range(100, 130)
    True
    """
    from river.drift import ADWIN

    detector: Any = ADWIN(delta=DELTA, clock=1)  # type: ignore[no-untyped-call]
    found = []
    for place, value in enumerate(values):
        detector.update(value / most)
        if detector.drift_detected:
            found.append(place)
    return tuple(found)
