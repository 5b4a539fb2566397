"""When a thief dares."""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import (
    Habit,
    Thief,
    from_some,
    moments,
    own_work,
    quiet_cash_sales,
    seconds,
)

HABIT = Habit(shift_share=0.5, per_shift=2.0, least_minor=400, most_minor=9_000)


def test_own_work_is_within_the_series_and_knows_worth_and_the_quiet_after(
    till: Ledger, cashier: Thief
) -> None:
    """Starts are 600 s apart and take 30 s; the day's last has nobody after it."""
    work = own_work(till, cashier)
    assert work["day"].unique().sort().to_list() == [2, 3, 4, 5, 6, 7, 8]
    assert work["net"].unique().to_list() == [3500]
    assert work["idle"].unique().to_list() == [570]


def test_a_sale_that_is_too_small_too_big_or_too_crowded_does_not_tempt(
    till: Ledger, cashier: Thief
) -> None:
    work = own_work(till, cashier)
    assert quiet_cash_sales(work, HABIT).height == 70
    assert quiet_cash_sales(work, replace(HABIT, least_minor=3501)).is_empty()
    assert quiet_cash_sales(work, replace(HABIT, most_minor=3499)).is_empty()
    assert quiet_cash_sales(work, HABIT, idle_s=571).is_empty()


def test_about_the_share_of_days_is_used_and_about_the_number_on_each(
    till: Ledger, cashier: Thief
) -> None:
    """Seven days × 0.5, twice on each: seven thefts on average; 200 trials, ± 4 sigma."""
    work = own_work(till, cashier)
    trials = [moments(work, cashier, HABIT, np.random.default_rng(n)) for n in range(200)]
    assert 6.0 < np.mean([trial.height for trial in trials]) < 8.0
    assert 3.1 < np.mean([trial["day"].n_unique() for trial in trials]) < 3.9


def test_moments_are_distinct_and_in_order(till: Ledger, cashier: Thief) -> None:
    chosen = moments(own_work(till, cashier), cashier, HABIT, np.random.default_rng(1))
    assert chosen["tx"].is_unique().all()
    assert chosen["start"].is_sorted()


def test_no_suitable_moment_is_no_theft(till: Ledger, cashier: Thief) -> None:
    none = own_work(till, cashier).clear()
    assert moments(none, cashier, HABIT, np.random.default_rng(1)).is_empty()


def test_waits_are_around_the_typical_one() -> None:
    waited = seconds(np.random.default_rng(0), 4000, 60.0)
    assert 57 < np.median(waited) < 63


def test_one_of_the_choices_is_taken_for_about_the_share_asked_for() -> None:
    picked = from_some(np.random.default_rng(0), (3, 4), 4000, 0.25)
    assert 0.22 < picked.is_not_null().mean() < 0.28  # type: ignore[operator]
    assert set(picked.drop_nulls()) == {3, 4}
    assert from_some(np.random.default_rng(0), (), 3, 1.0).null_count() == 3
    assert picked.dtype == pl.Int32
