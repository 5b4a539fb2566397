"""Receipts into columns and back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.transactions import to_transactions
from shrinkwatch.records import transaction as till

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
money = st.decimals(-99_999, 99_999, places=2)
prices = st.decimals(-99_999, 99_999, places=4)
moments = st.datetimes(
    datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2090-01-01"),
    timezones=st.just(UTC),
)  # fmt: skip
dates = st.dates(date(1990, 1, 1), date(2090, 1, 1))
numbers = st.integers(0, 2**40)
originals = st.builds(
    till.Original, store_id=texts, transaction_id=st.text("abc", min_size=1), sequence=st.none(),
    register_id=texts, business_date=st.none() | dates,
)  # fmt: skip
changes = st.builds(
    till.PriceChange, type=st.sampled_from(till.PRICE_CHANGE_TYPES), amount=money, code=texts,
    reason=texts, approver_id=texts,
)  # fmt: skip


def lines(number):
    return st.builds(
        till.Line, line=st.just(number), kind=st.sampled_from(till.LINE_KINDS),
        sku=st.text(min_size=1, max_size=6), quantity=st.decimals(-999, 999, places=3),
        list_price=prices, extended=money, description=texts, department=texts,
        weight=st.none() | st.decimals(0, 99, places=3),
        entry=st.none() | st.sampled_from(till.LINE_ENTRIES), unit_cost=st.none() | prices,
        voided=st.booleans(), at=st.none() | moments, void_at=st.none() | moments,
        original=st.none(), reason=texts, serial=texts,
        price_changes=st.lists(changes, max_size=2).map(tuple),
    )  # fmt: skip


tenders = st.builds(
    till.Tender, type=st.sampled_from(till.TENDER_TYPES), amount=money, change=st.booleans(),
    voided=st.booleans(), card_token=texts, card_bin=texts, card_last4=texts,
    gift_card_id=texts, entry=texts,
)  # fmt: skip
events = st.builds(
    till.Event, type=st.sampled_from(till.EVENT_TYPES), at=st.none() | moments, reason=texts
)
receipts = st.builds(
    till.Transaction, source=st.just("till"), store_id=st.text("123", min_size=1),
    type=st.sampled_from(till.TRANSACTION_TYPES), net=money, currency=st.just("EUR"),
    began_at=st.none() | moments, ended_at=moments, totaled_at=st.none() | moments,
    arrived_at=moments, updated_at=st.none() | moments, transaction_id=st.text(min_size=1),
    register_id=texts, business_date=dates, sequence=st.none() | numbers,
    revision=st.none() | numbers, status=st.sampled_from(till.STATUSES), training=st.booleans(),
    offline=st.booleans(), employee_sale=st.booleans(), operator_id=texts, approver_id=texts,
    salesperson_id=texts, customer_id=texts, loyalty_id=texts, tax_exempt_id=texts,
    order_id=texts, channel=texts, gross=st.none() | money, discount=st.none() | money,
    tax=st.none() | money, tax_included=st.booleans(), original=st.none() | originals,
    receipt_reprints=st.none() | st.integers(0, 99),
    price_changes=st.lists(changes, max_size=2).map(tuple),
    lines=st.lists(st.integers(1, 3), unique=True, max_size=3).flatmap(
        lambda places: st.tuples(*(lines(place) for place in sorted(places)))
    ),
    tenders=st.lists(tenders, max_size=2).map(tuple),
    events=st.lists(events, max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(receipts, max_size=4))
def test_the_way_there_and_back_loses_nothing_of_the_contract(given_receipts):
    batch, rejects = to_batch(given_receipts)
    assert not rejects
    assert to_transactions(batch) == given_receipts


def test_a_lines_original_comes_back_where_it_is_the_receipts(sale):
    original = till.Original(transaction_id="T0")
    line = msgspec.structs.replace(sale().lines[0], original=original)
    receipt = sale(lines=(line,), original=original)
    (back,) = to_transactions(to_batch([receipt])[0])
    assert back.lines[0].original == original


def test_defaults_are_filled_in(sale):
    (back,) = to_transactions(to_batch([sale()])[0])
    assert back.arrived_at == back.ended_at
    assert back.business_date == date(2026, 3, 2)
    assert back.net == Decimal("12.50")
