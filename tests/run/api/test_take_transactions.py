"""Whether few receipts are kept as sent or as columns makes no difference that anybody can see."""

import json
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
from shrinkwatch.run.api.submission import Answer, Submission

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = SendingKey("k", "a till", ("7",), None, ("transactions",), 10, NOON)
Records = list[dict[str, Any]]

plain = receipts.map(without_moods).map(lambda record: record | {"store_id": "7"})
odd = st.builds(dict.__or__, receipts, spoilt)


def group_of(records: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[Records]]:
    return st.lists(st.lists(records, min_size=1, max_size=2), min_size=1, max_size=3)


groups = st.lists(group_of(plain) | group_of(plain | odd), min_size=1, max_size=4)


def taken(asked: list[list[Records]], places: Places, few: int) -> tuple[list[Answer], Batch]:
    """What each request of these groups is told, and the journal's day then."""
    with TemporaryDirectory() as folder, MonkeyPatch.context() as patch:
        patch.setattr(take_transactions, "FEW", few)
        journal = StoredJournal.open(Path(folder) / "journal.sqlite", Path(folder) / "archive")
        taker = take_transactions.TransactionTaker(
            journal, TokenKey(bytes(32)), places, lambda: NOON
        )
        told = [answer for group in asked for answer in taker.take(list(map(sent, group)))]
        day = journal.arrivals(NOON.date())
        journal.close()
    return told, day


def sent(request: Records) -> Submission:
    lines = [json.dumps(record).encode() for record in request]
    return Submission("transactions", KEY, Cut(lines), lambda _: None)


@settings(max_examples=40, deadline=None)
@given(groups, st.sampled_from([Places(), Places(zones={"7": "Europe/Berlin"}, currency="EUR")]))
def test_answers_and_journal_are_the_same(asked: list[list[Records]], places: Places) -> None:
    told, day = taken(asked, places, few=1_000)
    told_at_once, day_at_once = taken(asked, places, few=0)
    assert [str(one) for one in told] == [str(one) for one in told_at_once]
    for part in PARTS:
        assert_frame_equal(getattr(day, part), getattr(day_at_once, part))
