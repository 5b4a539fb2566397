"""Whether few receipts are kept as sent or as columns makes no difference that anybody can see."""

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pytest import MonkeyPatch  # noqa: PT013
from tests.journal.test_as_sent import without_moods
from tests.journal.test_columns_of_lines import receipts, spoilt

from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.places import Places
from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.run.api import take_transactions
from shrinkwatch.run.api.body import Cut
from shrinkwatch.run.api.submission import Answer, Outcome, Submission

from .conftest import a_sale

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = SendingKey("k", "a till", ("7",), None, ("transactions",), 10, NOON)
Records = list[dict[str, Any]]

plain = receipts.map(without_moods).map(lambda record: record | {"store_id": "7"})
odd = st.builds(dict.__or__, receipts, spoilt)


def group_of(records: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Records]]:
    return st.lists(st.lists(records, min_size=1, max_size=2), min_size=1, max_size=3)


groups = st.lists(group_of(plain) | group_of(plain | odd), min_size=1, max_size=4)


def taken(
    asked: list[list[Records]], places: Places, *, few: int = 1_000, at_once: bool = False
) -> tuple[list[Answer], Batch]:
    """What each request of these groups is told, and the journal's day then."""
    with TemporaryDirectory() as folder, MonkeyPatch.context() as patch:
        patch.setattr(take_transactions, "FEW", few)
        journal = StoredJournal.open(Path(folder) / "journal.sqlite", Path(folder) / "archive")
        taker = take_transactions.TransactionTaker(
            journal, TokenKey(bytes(32)), places, lambda: NOON
        )
        told = list[Answer]()
        for group in asked:
            submissions = list(map(sent, group))
            found = taker.take_at_once(submissions) if at_once else None
            told += taker.take(submissions) if found is None else found
        day = journal.arrivals(NOON.date())
        journal.close()
    return told, day


def sent(request: Records) -> Submission:
    lines = [json.dumps(record).encode() for record in request]
    return Submission("transactions", KEY, Cut(lines))


@settings(max_examples=40, deadline=None)
@given(groups, st.sampled_from([Places(), Places(zones={"7": "Europe/Berlin"}, currency="EUR")]))
def test_answers_and_journal_are_the_same(asked: list[list[Records]], places: Places) -> None:
    told, day = taken(asked, places)
    for other_told, other_day in (taken(asked, places, few=0), taken(asked, places, at_once=True)):
        assert [str(one) for one in told] == [str(one) for one in other_told]
        for part in PARTS:
            assert_frame_equal(getattr(day, part), getattr(other_day, part))


def test_while_another_writes_nothing_is_taken_at_once(tmp_path: Path) -> None:
    journal = StoredJournal.open(tmp_path / "journal.sqlite", tmp_path / "archive")
    taker = take_transactions.TransactionTaker(journal, TokenKey(bytes(32)), Places(), lambda: NOON)
    group = [sent([a_sale(1, "7")])]
    with closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        began = time.perf_counter()
        assert taker.take_at_once(group) is None
        assert time.perf_counter() - began < 5, "it waited for the other one"
        another.execute("ROLLBACK")
    assert taker.take_at_once(group) == [[Outcome("accepted", 0)]]
    journal.close()
