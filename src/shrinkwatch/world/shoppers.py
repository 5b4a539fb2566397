"""Who shops: households with a home store, habits, a loyalty card perhaps, and payment cards.

Visits per household are gamma distributed (shape 0.8), so that a few come often and many rarely.
Numbers are chain-wide: shopper = store × 100,000 + n; a shopper's cards are 2 × shopper and the
next. Every number is turned into a token before it leaves the simulation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.world.shops import Shop

PER_STORE = 100_000
VISITS_PER_SHOPPER = 9.0
STRANGERS = 0.05
"""Share of the visits made by another store's household (our assumption)."""

FIRST_EMPLOYEE = 90_000
"""Within a store: employees shop under these numbers."""

HOUSE_CARD = 94_000
"""Within a store: the loyalty card that lies at the till."""

FIRST_EXEMPT = 94_100
"""Within a store: buyers who owe no tax."""

FIRST_ACCOMPLICE = 95_000


@dataclass(frozen=True, slots=True)
class Shoppers:
    """The households of one store, by row: how often they come and what they prefer."""

    cumulative: NDArray[np.float64]
    cash: NDArray[np.float64]
    self_checkout: NDArray[np.float64]

    @property
    def count(self) -> int:
        """Return the number of households."""
        return self.cumulative.size


def shoppers(shop: Shop, days: int, rng: np.random.Generator) -> Shoppers:
    """Return the store's households; about nine visits each in the period."""
    count = max(30, min(FIRST_EMPLOYEE, int(shop.sales_per_day * days / VISITS_PER_SHOPPER)))
    often = np.cumsum(rng.gamma(0.8, 1.0, count))
    cash = shop.format.cash
    share = shop.format.self_checkout_share
    return Shoppers(
        cumulative=often / often[-1],
        cash=rng.beta(0.9 * cash / 0.3, 0.9 * (1 - cash) / 0.3, count),
        self_checkout=rng.beta(2.5 * share, 2.5 * (1 - share), count) if share else np.zeros(count),
    )


def is_member(shopper: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """Return who has a loyalty card, in a format where that share of people has one.

    It hangs on the number alone: a member is one in every store of the format.
    """
    return np.asarray(token(2 * shopper + 1) < np.uint64(share * 2**64), dtype=np.bool_)


def token(number: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return a scrambled 64-bit number for each, by the splitmix64 finaliser (Steele 2014)."""
    with np.errstate(over="ignore"):
        mixed = number.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
