"""Baskets put aside: told once, to who did it, when nobody took them up in two hours."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shrinkwatch.features.baskets import BASKETS
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import at, batch_of, key, transaction

NOTHING = (0, None)


def record(number: str, minutes: float, who: str = "7", **given: Any) -> dict[str, Any]:
    return transaction(
        transaction_id=number, ended_at=at(minutes), operator_id=who, **{"net_minor": 900} | given
    )


def parked(number: str, minutes: float, net: int, who: str = "7") -> dict[str, Any]:
    return record(number, minutes, who, status="suspended", net_minor=net)


def resumed(number: str, minutes: float, original: str, who: str = "7") -> dict[str, Any]:
    return record(number, minutes, who, status="resumed", original=original)


HEARD = [parked("a", 0, 500, "9"), resumed("b", 1, "a", "9")]
"""By these a feed shows that it says which basket is taken up."""


def told(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    return frame.select("basket_receipt_key", "basket_minor").rows()


def test_a_basket_that_nobody_took_up_is_told_to_who_put_it_aside() -> None:
    rows = [
        *HEARD,
        parked("1", 10, 5_400),
        record("2", 60),
        record("3", 131, "8"),
        record("4", 131),
        record("5", 140),
    ]
    found = told(*rows)
    assert found[5] == (key("tx", "S1", "1"), 5_400)
    assert [*found[:5], *found[6:]] == [NOTHING] * 6


@pytest.mark.parametrize("who", ["7", "8"])
def test_a_basket_that_anybody_took_up_is_not(who: str) -> None:
    rows = [*HEARD, parked("1", 10, 5_400), resumed("2", 40, "1", who), record("3", 200)]
    assert told(*rows) == [NOTHING] * 5


def test_a_feed_that_names_no_basket_tells_nothing() -> None:
    rows = [parked("1", 10, 5_400), record("2", 20, status="resumed"), record("3", 200)]
    assert told(*rows) == [NOTHING] * 3


def test_two_are_told_one_after_the_other_and_too_many_are_forgotten() -> None:
    rows = [parked(str(n), n, 100 + n) for n in range(BASKETS + 1)]
    after = [record(f"after {n}", 300 + n) for n in range(BASKETS + 1)]
    found = told(*HEARD, *rows, *after)[2 + len(rows) :]
    assert [net for _, net in found] == [*range(101, 101 + BASKETS), None]


def test_however_it_is_cut_and_saved_the_same_is_told(tmp_path: Path) -> None:
    rows = [*HEARD]
    for n in range(12):
        rows += [parked(f"p{n}", 30 * n, 100 * n + 1, "78"[n % 2]), record(f"s{n}", 30 * n + 5)]
        if n % 3 == 0:
            rows.append(resumed(f"r{n}", 30 * n + 9, f"p{n}"))
    whole = FeatureStream.new(Tables()).advance(batch_of(*rows))
    cut, frames = FeatureStream.new(Tables()), []
    for number, row in enumerate(rows):
        cut.save(tmp_path / str(number))
        cut = FeatureStream.load(tmp_path / str(number), Tables())
        frames.append(cut.advance(batch_of(row)))
    assert_frame_equal(whole, pl.concat(frames), check_exact=True)
    # 1, 2, 4, 5 and 7 wait for two hours while the same person is there; 0, 3 and 6 are fetched
    assert whole["basket_minor"].drop_nulls().to_list() == [101, 201, 401, 501, 701]
