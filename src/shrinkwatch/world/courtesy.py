"""The store's own loyalty card, which cashiers show for customers who have none or forgot theirs.

Two stores in three keep one at the till. Customers get the loyalty prices, nobody gets the points;
in the record one loyalty id goes with many strangers' cards. Some cashiers do it for everybody,
most for hardly anyone. Our assumption.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import HOUSE_CARD, PER_STORE
from shrinkwatch.world.visits import Site

SHOWN = 0.012


def house_card(site: Site) -> int | None:
    """Return the number of the store's own loyalty card, or None where it keeps none."""
    return site.shop.index * PER_STORE + HOUSE_CARD if site.shop.index % 3 != 2 else None


def courtesy(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the store's own card shown on some staffed sales without one."""
    card = house_card(site)
    if card is None:
        return ledger
    without = ledger.tx.filter(
        pl.col("loyalty").is_null(),
        pl.col("operator") != site.staff.self_checkout,
        ~pl.col("employee_sale"),
        pl.col("exempt").is_null(),
    )
    quirk = site.staff.clumsiness(
        "courtesy", without["operator"].to_numpy(), without["day"].to_numpy()
    )
    chance = np.minimum(0.4, SHOWN * quirk)
    kind = without.filter(pl.Series(site.rng.random(without.height) < chance))
    return ledger.mark(kind["tx"], loyalty=card)
