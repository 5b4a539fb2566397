"""What makes two records the same: their words, not their dress."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.places import Places
from shrinkwatch.records.transaction import Event, Line, Original, PriceChange, Tender, Transaction

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def full(sale):
    change = PriceChange(type="override", amount=Decimal("-1.00"), code="A", approver_id="9")
    line = Line(
        line=1,
        kind="item",
        sku="tea",
        quantity=Decimal(2),
        list_price=Decimal("3.50"),
        extended=Decimal("6.00"),
        description="Tea",
        department="dry",
        entry="scan",
        unit_cost=Decimal("1.1"),
        at=MORNING,
        price_changes=(change,),
        original=Original(transaction_id="T0"),
        weight=Decimal("0.5"),
        reason="r",
        serial="s",
    )
    tender = Tender(type="credit", amount=Decimal("6.00"), card_token="tok", card_last4="1234")
    return sale(
        net="6.00",
        register_id="3",
        sequence=4,
        business_date=date(2026, 3, 2),
        revision=1,
        operator_id="101",
        lines=(line,),
        tenders=(tender,),
        price_changes=(change,),
        events=(Event(type="drawer_open", at=MORNING),),
        original=Original(sequence=3),
        gross=Decimal("7.00"),
        customer_id="C",
        loyalty_id="L",
        updated_at=MORNING,
    )


def content(transaction, places=Places(time_zone="UTC")):  # noqa: B008 - frozen
    batch, rejects = to_batch([transaction], places)
    assert not rejects
    return batch.transactions["content"][0]


def test_the_way_a_number_is_written_does_not_count(full):
    line = msgspec.structs.replace(full.lines[0], list_price=Decimal("3.5000"))
    same = msgspec.structs.replace(full, net=Decimal("6"), lines=(line,))
    assert content(same) == content(full)


def test_the_order_of_fields_and_spaces_does_not_count(full):
    fields = msgspec.json.decode(msgspec.json.encode(full))
    turned = msgspec.json.format(msgspec.json.encode(dict(reversed(fields.items()))), indent=2)
    assert content(msgspec.json.decode(turned, type=Transaction)) == content(full)


def test_the_time_of_arrival_does_not_count(full):
    later = msgspec.structs.replace(full, arrived_at=MORNING + timedelta(days=9))
    assert content(later) == content(full)


def test_the_same_moment_in_another_offset_does_not_count(full):
    there = full.ended_at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert content(msgspec.structs.replace(full, ended_at=there)) == content(full)


def test_a_store_table_loaded_later_does_not_count(full):
    plain = msgspec.structs.replace(full, currency=None, business_date=None)
    before = content(plain, Places(time_zone="UTC", currency="USD"))
    after = content(plain, Places(zones={"7": "Asia/Tokyo"}, currencies={"7": "JPY"}))
    assert before == after


OTHER = {
    "type": "return", "status": "cancelled", "training": True, "currency": "USD",
    "net": Decimal("6.01"), "gross": None, "revision": 2, "sequence": 5, "register_id": "4",
    "operator_id": "102", "customer_id": None, "loyalty_id": "M", "order_id": "o",
    "business_date": date(2026, 3, 3), "updated_at": None, "lines": (), "tenders": (),
    "events": (), "price_changes": (), "original": Original(sequence=2), "receipt_reprints": 0,
    "ended_at": MORNING + timedelta(minutes=9), "channel": "web", "tax_included": False,
}  # fmt: skip


@pytest.mark.parametrize("field", OTHER)
def test_every_word_of_the_record_counts(full, field):
    assert content(msgspec.structs.replace(full, **{field: OTHER[field]})) != content(full)


OTHER_LINE = {
    "line": 2, "kind": "return", "sku": "coffee", "quantity": Decimal(1), "weight": None,
    "list_price": Decimal("3.51"), "extended": Decimal("6.01"), "description": None,
    "department": "wet", "entry": "key", "unit_cost": None, "voided": True, "at": None,
    "void_at": MORNING, "reason": None, "serial": "t", "price_changes": (),
    "original": Original(transaction_id="T2"),
}  # fmt: skip


@pytest.mark.parametrize("field", OTHER_LINE)
def test_every_word_of_a_line_counts(full, field):
    line = msgspec.structs.replace(full.lines[0], **{field: OTHER_LINE[field]})
    assert content(msgspec.structs.replace(full, lines=(line,))) != content(full)


def test_which_line_comes_first_counts(full):
    first, second = full.lines[0], msgspec.structs.replace(full.lines[0], sku="b")
    one = msgspec.structs.replace(full, lines=(first, second))
    other = msgspec.structs.replace(full, lines=(second, first))
    assert content(one) != content(other)


def test_neighbours_in_a_batch_do_not_count(full, sale):
    batch, _ = to_batch([sale(5), full, sale(6, lines=())])
    assert batch.transactions["content"][1] == content(full)
