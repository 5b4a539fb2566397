"""What drift is found on a simulated chain, and how often nothing is called drift.

    python bench/drift.py [--stores 8] [--weeks 9] [--seed 11]

A chain without thieves and look-alikes trades for some weeks. From the fifth week on every day is
set beside the four weeks before it, as `shrinkwatch models drift` does. Then the last days are
changed, one at a time: all prices 10 % up, a new tender on 5 % of the receipts, one store's refunds
times three. Beside it, in the same run: the convention that an index of 0.2 or more is drift
(Siddiqi 2006), on the same shares.

Printed: false alarms per 30 quiet days of the whole chain, the stores in which each change was
found on its day, and the share of refunds of those in which it was not.
"""

import argparse
from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from shrinkwatch.features.daily_profile import (
    PROFILE_COLUMNS,
    day_counts,
    day_prices,
    price_counts,
)
from shrinkwatch.models.drift.shift import REFERENCE_DAYS, Shift, shifts
from shrinkwatch.run.benchmark.trial import loaded
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.settings import WorldSettings

CONVENTION = 0.2
CHANGED_DAYS = 3


def main() -> None:
    """Print what was found."""
    wanted = _arguments()
    counts, prices = _read(
        WorldSettings(
            stores=wanted.stores,
            weeks=wanted.weeks,
            seed=wanted.seed,
            cases_per_store_year=0.0,
            customer_cases_per_store_year=0.0,
            habitual_non_scan=0.0,
            lookalikes=False,
            growing_share=0.0,
        )
    )
    days = sorted(counts["day"].unique())[:-1]
    quiet = [look(counts, prices, day) for day in days[REFERENCE_DAYS:]]
    for name, alarms in (("ours", _ours), ("index of 0.2 or more", _convention)):
        false = sum(len(alarms(found)) for found in quiet)
        print(f"{name}: {30 * false / len(quiet):.1f} false alarms per 30 days ({len(quiet)} days)")
    for day in days[-CHANGED_DAYS:]:
        _changed(counts, prices, day)


def look(counts: pl.DataFrame, prices: pl.DataFrame, day: date) -> tuple[Shift, ...]:
    """Return every share of this day beside the four weeks before."""
    window = pl.col("day").is_between(day - timedelta(days=REFERENCE_DAYS), day)
    priced = price_counts(prices.filter(window), day)
    return shifts(pl.concat([counts.filter(window), priced.select(counts.columns)]), day)


def _changed(counts: pl.DataFrame, prices: pl.DataFrame, day: date) -> None:
    today = pl.col("day") == day
    stores = sorted(counts["store_id"].unique())
    dearer = pl.when(today).then((pl.col("list_price") * 1.1).round().cast(pl.Int64))
    raised = prices.with_columns(dearer.otherwise(pl.col("list_price")).alias("list_price"))
    _say(f"{day} prices + 10 %", "prices", look(counts, raised, day), stores)
    paid = counts.filter(today & (pl.col("feature") == "tenders"))
    new = paid.group_by("day", "store_id", "feature", bin=pl.lit("wallet")).agg(
        (pl.col("rows").sum() * 0.05).round().cast(pl.Int64)
    )
    with_new = pl.concat([counts, new.select(counts.columns)])
    _say(f"{day} new tender of 5 %", "tenders", look(with_new, prices, day), stores)
    found = []
    for store in stores:
        its = today & (pl.col("store_id") == store) & (pl.col("bin") == "refunds")
        more = pl.when(its).then(pl.col("rows") * 3).otherwise(pl.col("rows")).alias("rows")
        told = look(counts.with_columns(more), prices, day)
        found += [one for one in told if one.store_id == store and one.feature == "refunds"]
    _say(f"{day} refunds x 3, store by store", "refunds", found, stores)
    missed = [f"{one.was:.1%} of {one.rows}" for one in found if not one.shifted]
    print(f"    usual refunds of the stores where it was not found: {', '.join(missed) or 'none'}")


def _say(what: str, feature: str, found: Sequence[Shift], stores: Sequence[str]) -> None:
    mine = [one for one in found if one.store_id in stores and one.feature == feature]
    ours, plain = len(_ours(mine)), len(_convention(mine))
    print(f"{what}: found in {ours} of {len(stores)} stores; by an index of 0.2: {plain}")


def _ours(found: Sequence[Shift]) -> list[Shift]:
    return [one for one in found if one.shifted]


def _convention(found: Sequence[Shift]) -> list[Shift]:
    return [one for one in found if one.index is not None and one.index >= CONVENTION]


def _read(settings: WorldSettings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the chain's counts and prices by day, as the journal has them."""
    counts, prices = [], []
    with loaded(simulate(settings)) as workspace:
        for day in workspace.journal.days():
            batch = workspace.journal.arrivals(day, PROFILE_COLUMNS)
            counts.append(day_counts(batch).with_columns(day=pl.lit(day)))
            prices.append(day_prices(batch).with_columns(day=pl.lit(day)))
    return pl.concat(counts), pl.concat(prices)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--stores", type=int, default=8)
    parser.add_argument("--weeks", type=int, default=9)
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args()


if __name__ == "__main__":
    main()
