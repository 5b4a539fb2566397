"""A day whose shares moved is found on that day; quiet days are left in peace."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.drift.shift import Shift, shifts

START = date(2026, 1, 5)
SHARES = {
    "refunds": (("sales", "refunds"), (0.95, 0.05)),
    "tenders": (("cash", "credit", "debit", "gift_card"), (0.3, 0.4, 0.28, 0.02)),
    "prices": (("usual", "lower", "higher"), (0.97, 0.02, 0.01)),
}
STORES, RECEIPTS = 8, 800
SPREAD = 3_000.0
"""Shares wander from day to day (Dirichlet): variances are (1 + 800 / 3000) times multinomial."""


def quiet(seed: int, days: int) -> pl.DataFrame:
    """Return days on which nothing happens; at weekends more people pay in cash."""
    drawn = np.random.default_rng(seed)
    rows = []
    for day in (START + timedelta(days=place) for place in range(days)):
        weekend = day.weekday() >= 5
        for store in range(STORES):
            for feature, (names, usual) in SHARES.items():
                shares = np.array(usual)
                if feature == "tenders" and weekend:
                    shares[0] *= 1.15
                share = drawn.dirichlet(shares / shares.sum() * SPREAD)
                counts = drawn.multinomial(drawn.poisson(RECEIPTS * (1.4 if weekend else 1)), share)
                rows += [
                    (day, f"S{store}", feature, name, int(count))
                    for name, count in zip(names, counts, strict=True)
                    if count
                ]
    schema = ["day", "store_id", "feature", "bin", "rows"]
    return pl.DataFrame(rows, schema=schema, orient="row")


MONTH = quiet(seed=1, days=29)
TODAY = START + timedelta(days=28)
ON_TODAY = pl.col("day") == TODAY


def shifted(counts: pl.DataFrame, day: date = TODAY) -> list[Shift]:
    return [one for one in shifts(counts, day) if one.shifted]


def test_a_price_rise_of_a_tenth_is_found_on_its_day() -> None:
    raised = pl.when(ON_TODAY & (pl.col("bin") == "usual")).then(pl.lit("higher"))
    moved = MONTH.with_columns(raised.otherwise(pl.col("bin")).alias("bin"))
    summed = moved.group_by("day", "store_id", "feature", "bin").agg(pl.col("rows").sum())
    found = shifted(summed)
    assert {one.feature for one in found} == {"prices"}
    assert {one.store_id for one in found} == {None, *(f"S{store}" for store in range(STORES))}
    assert all(one.large for one in found)


def test_a_new_tender_is_found_on_its_day_and_named() -> None:
    new = [(TODAY, f"S{store}", "tenders", "wallet", 60) for store in range(STORES)]
    found = shifted(pl.concat([MONTH, pl.DataFrame(new, schema=MONTH.schema, orient="row")]))
    assert {(one.feature, one.bin, one.was) for one in found} == {("tenders", "wallet", 0.0)}
    assert len(found) == STORES + 1


@pytest.mark.parametrize("store", [f"S{store}" for store in range(STORES)])
def test_one_store_s_refunds_times_three_are_found_there_and_nowhere_else(store: str) -> None:
    its = ON_TODAY & (pl.col("store_id") == store) & (pl.col("bin") == "refunds")
    more = pl.when(its).then(pl.col("rows") * 3).otherwise(pl.col("rows")).alias("rows")
    found = [one for one in shifted(MONTH.with_columns(more)) if one.store_id is not None]
    assert [(one.store_id, one.feature) for one in found] == [(store, "refunds")]
    assert found[0].is_ > 2 * found[0].was


def test_a_quiet_month_has_at_most_one_false_alarm() -> None:
    for seed in (2, 3):
        counts = quiet(seed, days=58)
        days = [START + timedelta(days=place) for place in range(28, 58)]
        assert sum(len(shifted(counts, day)) for day in days) <= 1


def test_the_index_is_that_of_the_textbook() -> None:
    """By hand: (0.2 − 0.5) ln(0.2 / 0.5) + (0.8 − 0.5) ln(0.8 / 0.5) = 0.4159, many rows."""
    days = [(START + timedelta(days=place), "S", "f", bin_, 500_000)
            for place in range(20) for bin_ in "ab"]  # fmt: skip
    day = START + timedelta(days=20)
    now = [(day, "S", "f", "a", 200_000), (day, "S", "f", "b", 800_000)]
    found = shifts(pl.DataFrame([*days, *now], schema=MONTH.schema, orient="row"), day)[0]
    assert found.index == pytest.approx(0.4159, abs=1e-4)
    assert (found.bin, found.was, found.is_, found.rows) == ("a", 0.5, 0.2, 1_000_000)


@pytest.mark.parametrize(
    "cut",
    [
        lambda: MONTH.filter(pl.col("day") >= TODAY - timedelta(days=13)),
        lambda: MONTH.filter(ON_TODAY),
        lambda: MONTH.with_columns(
            pl.when(ON_TODAY).then(1).otherwise(pl.col("rows")).alias("rows")
        ).filter(pl.col("store_id") == "S0"),
    ],
)
def test_with_few_days_or_few_rows_a_shift_is_unknown_and_not_denied(
    cut: Callable[[], pl.DataFrame],
) -> None:
    found = shifts(cut(), TODAY)
    assert found
    assert {(one.shifted, one.index, one.times) for one in found} == {(None, None, None)}


def test_a_store_that_trades_for_the_first_time_is_unknown() -> None:
    new = MONTH.filter(ON_TODAY & (pl.col("store_id") == "S0")).with_columns(store_id=pl.lit("new"))
    found = {(one.store_id, one.feature): one for one in shifts(pl.concat([MONTH, new]), TODAY)}
    assert found["new", "tenders"].shifted is None
    assert found["S0", "tenders"].shifted is False


def test_the_order_of_the_rows_changes_nothing() -> None:
    assert shifts(MONTH.sample(fraction=1.0, shuffle=True, seed=1), TODAY) == shifts(MONTH, TODAY)
