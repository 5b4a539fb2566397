"""How often each sender may still make: a bucket that fills with time."""

import math
import time
from collections.abc import Callable

from shrinkwatch.run.api.problem import later


class Allowance:
    """Buckets by name; one is made, full, when its sender comes first.

    burst_s: who was quiet may come as often at once as in so many seconds. advice: what to do
    instead of coming so often.
    """

    def __init__(
        self,
        burst_s: float,
        advice: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst_s = burst_s
        self._advice = advice
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, name: str, per_second: float) -> None:
        """Take one request of this sender out of its bucket.

        Raises: Problem (429) when it is empty; it says when to come again.
        """
        now = self._monotonic()
        most = max(per_second * self._burst_s, 1.0)
        left, at = self._left.get(name, (most, now))
        left = min(most, left + (now - at) * per_second)
        if left < 1:
            wait = math.ceil((1 - left) / per_second)
            raise later("too-often", f"that was too often; {self._advice}", wait, status=429)
        self._left[name] = (left - 1, now)
