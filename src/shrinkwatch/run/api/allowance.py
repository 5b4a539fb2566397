"""How many requests each sender may still make: a bucket that fills with time."""

import math
import time
from collections.abc import Callable

from shrinkwatch.run.api.problem import later

BURST_S = 5
"""A sender that was quiet may send the requests of so many seconds at once."""


class Allowance:
    """Buckets by name; one is made when its sender comes first."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str, per_second: float) -> None:
        """Take one request of this sender out of its bucket.

        Raises: Problem (429) when it is empty; it says when to come again.
        """
        now = self._monotonic()
        most = per_second * BURST_S
        left, at = self._left.get(name, (most, now))
        left = min(most, left + (now - at) * per_second)
        if left < 1:
            wait = math.ceil((1 - left) / per_second)
            detail = f"more than {per_second:g} requests a second; send several records in one"
            raise later("too-often", detail, wait, status=429)
        self._left[name] = (left - 1, now)
