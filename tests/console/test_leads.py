"""Leads: one subject once, placed where it was seen, its receipts in order."""

import msgspec

from shrinkwatch.console.leads import came_before, key_text, view
from shrinkwatch.console.material import Report
from shrinkwatch.records.alert import NaturalKey


def test_a_key_reads_as_people_type_it() -> None:
    assert key_text(NaturalKey("pos", "S7", transaction_id="A-1")) == "S7/A-1"


def test_before_an_opened_drawer_stands_what_was_taken_back(report: Report) -> None:
    first = report.alerts[0]
    void, opened = first.transactions[2], first.transactions[3]
    receipts = dict(report.receipts)
    receipts[opened] = msgspec.structs.replace(receipts[opened], type="no_sale", original=None)
    only = msgspec.structs.replace(first, transactions=(opened,))
    lead = view(1, [only], msgspec.structs.replace(report, receipts=receipts))
    assert [(paper.key, paper.remark) for paper in lead.papers] == [
        (key_text(void), f"just before {opened.sequence}"),
        (key_text(opened), ""),
    ]
    assert lead.shown == 1


def test_a_receipt_without_a_tills_number_has_none_before_it() -> None:
    assert came_before(NaturalKey("pos", "S7", transaction_id="A-1")) is None


def test_a_card_is_placed_where_it_was_seen(report: Report) -> None:
    card = report.alerts[2]
    assert view(3, [card], report).store == "Riverside"
    keys = (*card.transactions, NaturalKey("pos", "S02", transaction_id="1"))
    two = msgspec.structs.replace(card, transactions=keys)
    assert view(3, [two], report).store == "2 stores"


def test_receipts_that_are_not_in_the_journal_are_left_out(report: Report) -> None:
    lead = view(3, [report.alerts[2]], report)
    assert (lead.papers, lead.shown, lead.timeline) == ((), 0, None)
