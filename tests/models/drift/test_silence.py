"""A store that fell silent is found in minutes; a closed one is left in peace."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from shrinkwatch.models.drift.silence import silent

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SCHEMA = {"store_id": pl.String, "ended_at": pl.Datetime("us", "UTC")}
NOON = MONDAY + timedelta(weeks=5, hours=12)


def receipts(
    stores: int, an_hour: float, until: dict[str, datetime], seed: int = 1
) -> pl.DataFrame:
    """Return receipts of five weeks, from 8 to 20 o'clock, of each store until some moment."""
    drawn = np.random.default_rng(seed)
    parts = []
    for name in (f"S{store}" for store in range(stores)):
        for day in range(36):
            opens = MONDAY + timedelta(days=day, hours=8)
            many = drawn.poisson(12 * an_hour)
            times = [opens + timedelta(hours=float(at)) for at in 12 * drawn.random(many)]
            kept = [at for at in times if at < until.get(name, NOON)]
            parts.append(pl.DataFrame({"store_id": [name] * len(kept), "ended_at": kept}, SCHEMA))
    return pl.concat(parts)


def test_a_feed_that_died_is_found_within_a_quarter_of_an_hour() -> None:
    died = NOON - timedelta(minutes=15)
    rows = receipts(6, 60, {"S3": died})
    found = silent(rows, NOON)
    assert [one.store_id for one in found] == ["S3"]
    assert found[0].last <= died
    assert found[0].probability < 1e-3 / 6
    assert silent(rows, died) == ()


def test_the_probability_of_silence_by_hand() -> None:
    """Ten receipts in four weeks in the minutes now silent: (4/5)^10 = 0.1074 of 100 stores' 1e-5.

    The receipts lie 30 minutes after the last one, a week and two weeks before; 70 of them make
    (4/5)^70 = 1.6e-7.
    """
    last = NOON - timedelta(hours=1)
    for many, found in ((10, 0), (70, 1)):
        before = [last - timedelta(weeks=1) + timedelta(minutes=30)] * (many // 2)
        before += [last - timedelta(weeks=2) + timedelta(minutes=30)] * (many // 2)
        rows = pl.DataFrame({"store_id": "S", "ended_at": [*before, last]})
        told = silent(rows, NOON)
        assert len(told) == found
    assert told[0].probability == pytest.approx(0.8**70)
    assert told[0].usual == 17.5


def test_a_store_is_not_dead_at_night_or_on_its_closed_day() -> None:
    rows = receipts(6, 60, {})
    for hour in range(20, 32):
        assert silent(rows, MONDAY + timedelta(weeks=4, hours=hour)) == ()
    sundays = rows.filter(pl.col("ended_at").dt.weekday() != 7)
    assert silent(sundays, MONDAY + timedelta(weeks=4, days=6, hours=18)) == ()


def test_a_month_of_looks_at_a_quiet_chain_finds_nothing_dead() -> None:
    rows = receipts(6, 12, {}, seed=2)
    looks = [
        MONDAY + timedelta(weeks=4, days=day, hours=hour)
        for day in range(7)
        for hour in (9, 13, 19)
    ]
    assert [silent(rows, at) for at in looks] == [()] * len(looks)


def test_a_store_without_four_weeks_behind_it_is_not_judged_by_what_is_not_known() -> None:
    rows = receipts(1, 60, {}).filter(pl.col("ended_at") > NOON - timedelta(hours=3))
    assert silent(rows, NOON + timedelta(hours=2)) == ()
    assert silent(rows.clear(), NOON) == ()
