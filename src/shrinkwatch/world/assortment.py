"""What the chain sells, at which prices, and what is on promotion in which week."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.departments import DEPARTMENTS, MAKERS, Department
from shrinkwatch.world.formats import Format

PROMOTED_SHARE = 0.04
"""Share of the items on promotion in a week (our assumption)."""

GIFT_CARD_SKU = "90000001"


@dataclass(frozen=True, slots=True)
class Assortment:
    """The chain's items in columns, one row per item; the last row is the gift card.

    table: `sku, description, department, class, cost, price` (minor units).
    price: the same prices as an array. promoted: (weeks, items) share off, 0 where none.
    """

    table: pl.DataFrame
    price: NDArray[np.int64]
    promoted: NDArray[np.float64]
    popularity: NDArray[np.float64]

    @property
    def tax(self) -> NDArray[np.float64]:
        """Return every item's rate of tax, included in its price."""
        rates = {name: department.tax for name, department in DEPARTMENTS.items()}
        return np.array([rates.get(name, 0.0) for name in self.table["department"]])

    @property
    def gift_card(self) -> int:
        """Return the row of the gift card."""
        return self.table.height - 1

    def departments(self) -> NDArray[np.str_]:
        """Return every item's department."""
        return self.table["department"].to_numpy().astype(np.str_)

    def demand(self, shop: Format) -> NDArray[np.float64]:
        """Return how likely a line is each item at this kind of shop, as a cumulative share."""
        share = np.zeros(self.table.height)
        names = self.departments()
        for name, weight in shop.departments.items():
            here = names == name
            share[here] = weight * self.popularity[here] / self.popularity[here].sum()
        cumulative = np.cumsum(share)
        return np.asarray(cumulative / cumulative[-1], dtype=np.float64)


def assortment(weeks: int, rng: np.random.Generator) -> Assortment:
    """Return the items of the chain with their promotions over `weeks` weeks.

    Prices are lognormal by department and end in 9; popularity within a department is Zipf-like
    (rank to the power −0.8), as scanner data are.
    """
    blocks = [
        _items(10 + number, name, department, rng)
        for number, (name, department) in enumerate(DEPARTMENTS.items())
    ]
    gift = pl.DataFrame(
        {
            "sku": [GIFT_CARD_SKU],
            "description": ["Gift card"],
            "department": ["gift_card"],
            "class": ["Gift card"],
            "cost": [0],
            "price": [0],
            "popularity": [0.0],
        }
    )
    table = pl.concat([*blocks, gift])
    return Assortment(
        table.drop("popularity"),
        table["price"].to_numpy(),
        _promotions(weeks, table.height, rng),
        table["popularity"].to_numpy(),
    )


def _items(
    prefix: int, name: str, department: Department, rng: np.random.Generator
) -> pl.DataFrame:
    """Return the items of a department; their numbers begin with the prefix."""
    count = department.items
    kinds, factors = list(department.goods), np.array(list(department.goods.values()))
    kind = rng.integers(0, len(kinds), count)
    price = department.median_minor * factors[kind] * rng.lognormal(0, department.sigma, count)
    price = np.maximum(29, (np.rint(price / 10) * 10 - 1)).astype(np.int64)
    maker = rng.integers(0, len(MAKERS), count)
    size = rng.integers(0, len(department.sizes), count)
    untaxed = price / (1 + department.tax)
    return pl.DataFrame(
        {
            "sku": [f"{prefix}{i:06d}" for i in range(count)],
            "description": [
                f"{MAKERS[m]} {kinds[k]} {department.sizes[s]}"
                for m, k, s in zip(maker, kind, size, strict=True)
            ],
            "department": name,
            "class": [kinds[k] for k in kind],
            "cost": np.rint(untaxed * department.cost_share).astype(np.int64),
            "price": price,
            "popularity": (rng.permutation(count) + 3.0) ** -0.8,
        }
    )


def _promotions(weeks: int, items: int, rng: np.random.Generator) -> NDArray[np.float64]:
    share = rng.choice(np.array([0.1, 0.2, 0.25, 0.3]), (weeks, items))
    return np.where(rng.random((weeks, items)) < PROMOTED_SHARE, share, 0.0)
