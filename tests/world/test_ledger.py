"""The ledger's arithmetic, on a hand-written day."""

import polars as pl
import pytest

from shrinkwatch.world.ledger import TX, Ledger, complete


def test_absent_columns_get_their_usual_value_or_null() -> None:
    row = complete(pl.DataFrame({"tx": [1]}), TX).row(0, named=True)
    assert (row["type"], row["status"], row["training"]) == ("sale", "completed", False)
    assert row["approver"] is None


def test_a_value_that_is_no_kind_of_tender_is_refused() -> None:
    with pytest.raises(pl.exceptions.PolarsError):
        Ledger.of(tx=pl.DataFrame({"tx": [1], "pay": ["seashells"]}))


def test_worth_is_live_lines_and_changes_on_lines_and_on_the_whole() -> None:
    """2 × 10.00 − 1.00 + 0.5 × 3.99 (1.995, rounded half to even: 2.00) − 0.50 = 20.50."""
    ledger = Ledger.of(
        tx=pl.DataFrame({"tx": [1]}),
        lines=pl.DataFrame(
            {
                "tx": [1, 1, 1],
                "line": [1, 2, 3],
                "quantity": [2.0, 0.5, 1.0],
                "price": [1000, 399, 700],
                "voided": [False, False, True],
            }
        ),
        changes=pl.DataFrame(
            {
                "tx": [1, 1, 1],
                "line": [1, None, 3],
                "type": ["promotion", "manual_discount", "override"],
                "amount": [-100, -50, -300],
            }
        ),
    )
    assert ledger.worth().to_dicts() == [{"tx": 1, "net": 2050}]
    assert ledger.lines_worth()["extended"].to_list() == [1900, 200, 400]


def test_keep_and_without_part_the_ledger(till: Ledger) -> None:
    some = pl.Series([0, 5, 119])
    kept, rest = till.keep(some), till.without(some)
    assert kept.tx.height == 3
    assert kept.lines.height == 9
    assert kept.plus(rest).tx.sort("tx").equals(till.tx)


def test_mark_changes_only_the_rows_and_columns_named(till: Ledger) -> None:
    marked = till.mark(pl.Series([3]), status="cancelled", pay=None)
    row = marked.tx.filter(pl.col("tx") == 3).row(0, named=True)
    assert (row["status"], row["pay"]) == ("cancelled", None)
    assert marked.tx.filter(pl.col("tx") != 3).equals(till.tx.filter(pl.col("tx") != 3))


def test_new_numbers_lie_above_all_in_use(till: Ledger) -> None:
    assert till.next_numbers(2).tolist() == [120, 121]
    assert Ledger.of().next_numbers(1).tolist() == [0]
