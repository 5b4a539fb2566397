"""A subject's weeks beside the peers' weeks; every expected number is counted by hand."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from shrinkwatch.cases.history import MEASURES, History, Share, history, weekly
from shrinkwatch.journal.columns import to_batch
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import Tables
from shrinkwatch.records.transaction import Line, PriceChange, Tender, Transaction
from shrinkwatch.records.trouble import Refused

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Days:
    """A journal of one batch a day: what a history asks of one."""

    def __init__(self, batches: dict[date, Batch], tables: Tables) -> None:
        self._batches, self._tables = batches, tables

    def days(self) -> list[date]:
        return sorted(self._batches)

    def arrivals(self, day: date, columns: dict[str, Sequence[str]] | None = None) -> Batch:
        return self._batches[day]

    def tables(self, as_of: datetime | None = None) -> Tables:
        return self._tables


def till(operator: str, number: int, **more: object) -> Transaction:
    facts: dict[str, object] = {"type": "sale", "net": Decimal(10), "ended_at": MONDAY, **more}
    return Transaction(
        source="pos",
        store_id="S1",
        operator_id=operator,
        transaction_id=f"{operator}-{number}",
        currency="GBP",
        **facts,  # type: ignore[arg-type]
    )


def week_of(operator: str, sales: int, refunds: int, start: int = 0) -> Iterator[Transaction]:
    for number in range(sales):
        yield till(operator, start + number)
    for number in range(refunds):
        yield till(operator, start + 1000 + number, type="return", net=Decimal(-10))


def journal(transactions: Sequence[Transaction]) -> Days:
    batch, rejects = to_batch(transactions)
    assert not rejects
    operators = pl.DataFrame(
        {
            "store_id": ["S1"] * 4,
            "operator_id": ["1", "2", "3", "9"],
            "role": ["cashier", "cashier", "cashier", "service_desk"],
            "virtual": [False, False, False, False],
        }
    )
    return Days({MONDAY.date(): batch}, Tables({"operators": operators}))


def test_a_week_is_the_subject_beside_its_peers() -> None:
    # operator 1: 30 sales, 10 refunds = 25 in 100; 2: 39 and 1; 3: 38 and 2, so 3 in 80 together
    days = journal([*week_of("1", 30, 10), *week_of("2", 39, 1), *week_of("3", 38, 2)])
    found = history(days, "operator", "1", "S1")  # type: ignore[arg-type]
    assert found.group == "other operators with the role cashier"
    (week,) = found.weeks
    assert week.monday == date(2026, 3, 2)
    assert week.receipts == 40
    assert week.net_minor == 20_000
    assert week.peers == 2
    assert week.shares["refunds"].count == 10
    assert week.shares["refunds"].per_hundred == 25
    assert week.shares["refunds"].typical == pytest.approx(3.75)


def test_another_role_is_no_peer() -> None:
    days = journal([*week_of("1", 30, 0), *week_of("9", 30, 30), *week_of("2", 40, 0)])
    (week,) = history(days, "operator", "1", "S1").weeks  # type: ignore[arg-type]
    assert week.shares["refunds"].typical == 0


def test_without_peers_what_is_typical_is_unknown() -> None:
    (week,) = history(journal([*week_of("1", 30, 0)]), "operator", "1", "S1").weeks  # type: ignore[arg-type]
    assert week.shares["refunds"] == Share(0, 0.0, None, None)


def test_nobody_so_called_has_no_weeks() -> None:
    found = history(journal([*week_of("1", 3, 0)]), "operator", "77", "S1")  # type: ignore[arg-type]
    assert found == History("operator", "77", "S1", "", None, ())


def test_a_receipt_has_no_history() -> None:
    with pytest.raises(Refused, match="shrinkwatch receipt"):
        history(journal([]), "receipt", "S1/4")  # type: ignore[arg-type]


def test_weeks_begin_on_the_stores_monday() -> None:
    late = MONDAY.replace(hour=0) - timedelta(minutes=30)  # 23:30 UTC on Sunday
    east = datetime.fromisoformat("2026-03-02T00:30:00+01:00")
    batch, _ = to_batch([till("1", 1, ended_at=late), till("2", 2, ended_at=east)])
    mondays = dict(weekly(batch, "operator").select("operator_id", "monday").iter_rows())
    assert mondays == {"1": date(2026, 2, 23), "2": date(2026, 3, 2)}


def test_each_measure_counts_its_own() -> None:
    line = Line(1, "item", "A", Decimal(1), Decimal(10), Decimal(10))
    changed = (PriceChange("override", Decimal(-3)),)
    voided = Line(2, "item", "B", Decimal(1), Decimal(5), Decimal(5), voided=True)
    lowered = Line(1, "item", "A", Decimal(1), Decimal(10), Decimal(7), price_changes=changed)
    batch, _ = to_batch(
        [
            till("1", 1, lines=(line, voided)),
            till("1", 2, lines=(lowered,), net=Decimal(7)),
            till("1", 3, type="void", net=Decimal(-10)),
            till("1", 4, status="cancelled"),
            till("1", 5, type="no_sale", net=Decimal(0)),
            till("1", 6, type="return", net=Decimal(-10)),
            till("1", 7, training=True),
        ]
    )
    (row,) = weekly(batch, "operator").iter_rows(named=True)
    assert row["receipts"] == 3
    assert {name: row[name] for name in MEASURES} == dict.fromkeys(MEASURES, 1)


def test_an_item_is_counted_by_its_lines() -> None:
    sold = Line(1, "item", "A", Decimal(1), Decimal(10), Decimal(10))
    back = Line(1, "return", "A", Decimal(-1), Decimal(10), Decimal(-10))
    batch, _ = to_batch(
        [
            till("1", 1, lines=(sold, sold)),
            till("1", 2, type="return", net=Decimal(-10), lines=(back,)),
        ]
    )
    (row,) = weekly(batch, "sku").iter_rows(named=True)
    assert (row["sku"], row["receipts"], row["refunds"]) == ("A", 3, 1)


def test_a_card_is_counted_once_per_receipt() -> None:
    twice = (
        Tender("credit", Decimal(5), card_token="t"),
        Tender("credit", Decimal(5), card_token="t"),
    )
    batch, _ = to_batch([till("1", 1, tenders=twice)])
    (row,) = weekly(batch, "card").iter_rows(named=True)
    assert (row["card_token"], row["receipts"]) == ("t", 1)
