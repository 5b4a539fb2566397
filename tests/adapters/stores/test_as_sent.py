"""Receipts kept as they were sent are a journal's receipts like any others, on both databases."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shrinkwatch.adapters.stores import journal as stores
from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.intake.plain_lines import read_plain
from shrinkwatch.journal.archive import Archive
from shrinkwatch.journal.as_sent import as_sent
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.journal.days import microseconds
from shrinkwatch.journal.places import Places
from shrinkwatch.ports import Appended
from shrinkwatch.records.batch import PARTS
from shrinkwatch.records.rejected import Rejected

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = date(2026, 3, 2)


@pytest.fixture(params=[0, 1, 64], ids="sorted in after {} blocks".format)
def journal(request, database, tmp_path, monkeypatch):
    monkeypatch.setattr(stores, "_MOST_UNSORTED", request.param)
    return StoredJournal(database, Archive(tmp_path / "archive"))


def lines(*numbers, net=2):
    sale = {"source": "till", "store_id": "7", "type": "sale", "currency": "EUR"}
    sale |= {"ended_at": "2026-03-02T11:59:00Z", "net": net}
    return b"\n".join(json.dumps(sale | {"transaction_id": f"T{n}"}).encode() for n in numbers)


def keep(journal, raw, at=NOON):
    """Keep lines as they were sent; returns what became of each, None where that cannot be."""
    kept = as_sent(raw, read_plain(raw), Places(), microseconds(at))
    settled = journal.append_as_sent(*kept)
    return None if settled is None else list(zip(settled.outcomes, settled.positions, strict=True))


def columns(raw):
    return ColumnMaker().batch_of_lines(read_plain(raw))


def numbers(batch):
    return batch.transactions["transaction_id"].to_list()


def test_they_arrive_in_order_between_blocks_of_columns(journal):
    assert keep(journal, lines(1, 2)) == [("accepted", 0), ("accepted", 1)]
    journal.append(columns(lines(3)))
    keep(journal, lines(4), NOON + timedelta(seconds=1))
    keep(journal, lines(5), NOON + timedelta(seconds=2))
    # by hand: 3 came by a file, which says it came at 11:59
    assert numbers(journal.arrivals(DAY)) == ["T3", "T1", "T2", "T4", "T5"]
    tail = journal.tail(2, 100, {"transactions": ("transaction_id",)})
    assert (numbers(tail.batch), tail.positions.tolist()) == (["T3", "T4", "T5"], [2, 3, 4])


def test_what_came_before_is_told_by_its_columns(journal):
    keep(journal, lines(1, 2))
    assert keep(journal, lines(2, 3)) is None
    assert keep(journal, lines(4, 4)) is None
    again = journal.append(columns(lines(2, 3)))
    assert again == Appended(accepted=1, duplicate=1)
    assert journal.append(columns(lines(1, net=3))) == Appended(conflicting=1)
    assert numbers(journal.arrivals(DAY)) == ["T3", "T1", "T2"]


def test_archived_they_are_the_same(journal):
    keep(journal, lines(1, 2))
    keep(journal, lines(3), NOON + timedelta(seconds=1))
    before = journal.arrivals(DAY)
    assert journal.archive_closed_days(DAY + timedelta(1)) == 3
    assert journal.archive_closed_days(DAY + timedelta(1)) == 0
    after = journal.arrivals(DAY)
    for part in PARTS:
        assert_frame_equal(getattr(after, part), getattr(before, part))


def test_a_reject_is_settled_by_one_that_was_kept_as_sent(journal):
    (key,) = columns(lines(2)).transactions["tx_key"].to_list()
    journal.reject([Rejected("bad_time", "no time", b"{}", "a", tx_key=key)])
    keep(journal, lines(1))
    assert [one.settled for one in journal.rejects()] == [False]
    keep(journal, lines(2))
    assert [one.settled for one in journal.rejects()] == [True]


def test_one_is_found_by_its_key(journal):
    keep(journal, lines(1, 2))
    keep(journal, lines(3))
    keys = columns(lines(3, 1)).transactions["tx_key"].to_list()
    assert numbers(journal.receipts(keys)) == ["T3", "T1"]


def test_a_correction_counts_whether_or_not_the_first_was_sorted_in(journal):
    keep(journal, lines(1))
    top = columns(lines(1, net=3)).transactions.with_columns(revision=pl.lit(1, pl.Int64))
    assert journal.append(replace(columns(lines(1, net=3)), transactions=top)).revised == 1
    for number in range(2, 5):
        keep(journal, lines(number))
    keys = top["tx_key"].to_list()
    assert journal.receipts(keys).transactions["net_minor"].to_list() == [300]
    assert numbers(journal.arrivals(DAY)) == ["T1", "T2", "T3", "T4"]
