"""A journal's feeds from the records on: what is odd is found, what is not is left in peace."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.memory import MemoryJournal
from shrinkwatch.records.transaction import Tender, Transaction
from shrinkwatch.rules.book import load_rules
from shrinkwatch.rules.feeds.health import feed_health

OPENS = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = load_rules()
TODAY = date(2026, 4, 1)


def receipts(store: str, day: int, **more: Any) -> Iterator[Transaction]:
    """Twenty receipts of a till on one day, the last of them a drawer opening, one a void."""
    for number in range(1, 21):
        facts: dict[str, Any] = {
            "source": "pos",
            "store_id": store,
            "type": {20: "no_sale", 19: "void"}.get(number, "sale"),
            "currency": "GBP",
            "net": Decimal(3),
            "register_id": "1",
            "business_date": (OPENS + timedelta(days=day)).date(),
            "sequence": number,
            "ended_at": OPENS + timedelta(days=day, minutes=30 * number),
            "operator_id": "101",
            "tenders": (Tender("credit", Decimal(3), card_token=f"{store} {number}"),),
        }
        yield Transaction(**{**facts, **more})


def journal_of(*records: Iterable[Transaction]) -> MemoryJournal:
    journal = MemoryJournal()
    batch, rejects = to_batch([record for some in records for record in some])
    assert not rejects
    journal.append(batch)
    return journal


def test_a_quiet_feed_has_no_findings():
    journal = journal_of(*(receipts(store, day) for day in range(21) for store in ("S6", "S7")))
    (one,) = feed_health(journal, RULES, TODAY)
    assert one.findings == ()
    assert (one.transactions, one.stores) == (840, ("S6", "S7"))
    assert (one.first, one.last) == (date(2026, 3, 2), date(2026, 3, 22))
    assert [week.receipts for week in one.weeks] == [280, 280, 280]
    assert [week.numbered for week in one.weeks] == [280, 280, 280]
    assert len(one.schemes) == 41


def test_a_store_that_stops_naming_operators_loses_its_schemes_there():
    journal = journal_of(
        *(receipts("S6", day) for day in range(21)),
        *(receipts("S7", day, operator_id="101" if day < 10 else None) for day in range(21)),
    )
    (whole,) = feed_health(journal, RULES, TODAY)
    assert feed_health(journal, RULES, TODAY, at_once=100) == (whole,)
    (finding,) = whole.findings
    assert (finding.about, finding.level, finding.stores) == ("fields", "wrong", ("S7",))
    assert (finding.first, finding.last) == (date(2026, 3, 12), date(2026, 3, 22))
    assert "void_then_no_sale" in finding.lost
    assert finding.says.startswith("pos: operator_id stopped at S7 on 2026-03-12: none of 220")
    assert finding.says.endswith("cannot be seen, or only partly, since 2026-03-12")


def test_each_source_is_looked_at_by_itself():
    journal = journal_of(
        *(receipts("S7", day) for day in range(21)),
        *(receipts("S7", day, source="web", operator_id=None) for day in range(21)),
    )
    pos, web = feed_health(journal, RULES, TODAY)
    assert [pos.source, web.source] == ["pos", "web"]
    assert pos.findings == web.findings == ()
    assert {field.field for field in pos.fields} - {field.field for field in web.fields} == {
        "operator_id"
    }


def test_a_feed_without_numbers_or_cards_has_nothing_odd_to_tell():
    bare = {"register_id": None, "sequence": None, "business_date": None, "tenders": ()}
    journal = journal_of(
        replace(record, transaction_id=f"{day} {place}", **bare)
        for day in range(3)
        for place, record in enumerate(receipts("S7", day))
    )
    (found,) = feed_health(journal, RULES, TODAY)
    assert (found.transactions, found.findings) == (60, ())


MOMENTS = st.timedeltas(timedelta(days=-20_000), timedelta(days=60_000)).map(OPENS.__add__)


@settings(max_examples=12)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "ended_at": MOMENTS,
                "business_date": st.none() | st.dates(date(1971, 1, 1), date(2198, 12, 31)),
                "register_id": st.none() | st.sampled_from(["", "1", "\u202e"]),
                "sequence": st.none() | st.integers(0, 2**62),
                "store_id": st.sampled_from(["S1", "", "\u00e9"]),
                "source": st.sampled_from(["pos", "web"]),
                "operator_id": st.none() | st.just("101"),
            }
        ),
        max_size=12,
    )
)
def test_whatever_is_sent_every_receipt_is_counted_in_its_week(records: list[dict[str, Any]]):
    (usual,) = [record for place, record in enumerate(receipts("S1", 0)) if place == 0]
    journal = journal_of(
        [replace(usual, transaction_id=str(place), **one) for place, one in enumerate(records)]
    )
    found = feed_health(journal, RULES, TODAY, at_once=5)
    assert sum(one.transactions for one in found) == len(records)
    for one in found:
        assert sum(week.receipts for week in one.weeks) == one.transactions
        assert all(0 <= finding.count <= finding.of for finding in one.findings)
        assert all(week.missing <= week.numbered for week in one.weeks)


def test_an_empty_journal_has_no_feeds():
    assert feed_health(MemoryJournal(), RULES, TODAY) == ()
