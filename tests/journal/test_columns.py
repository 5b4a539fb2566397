"""Columns made of receipts: CONTRACT §1's worked examples, defaults, keys and rejects."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from shrinkwatch.journal.columns import NOWHERE, to_batch
from shrinkwatch.journal.places import Places
from shrinkwatch.records.batch import PARTS, Batch, subject_key
from shrinkwatch.records.finding import Finding
from shrinkwatch.records.transaction import (
    Event,
    Line,
    Original,
    PriceChange,
    Tender,
    Transaction,
)

BERLIN = Places(zones={"7": "Europe/Berlin"})


def a_line(number=1, quantity=1, price="24.99", extended=None, **fields):
    amount = Decimal(price) * quantity if extended is None else Decimal(extended)
    given = {"line": number, "kind": "item", "sku": f"sku{number}"} | fields
    return Line(quantity=Decimal(quantity), list_price=Decimal(price), extended=amount, **given)


def cash(amount, **fields):
    return Tender(type="cash", amount=Decimal(amount), **fields)


def one(transaction, places=NOWHERE):
    batch, rejects = to_batch([transaction], places)
    assert not rejects
    return batch


def found(batch):
    return Finding(batch.transactions["findings"][0])


def worked_examples(sale):
    return {
        "sale": sale(net="12.50", tenders=(cash("20.00"), cash("-7.50", change=True))),
        "return": sale(
            type="return",
            net="-24.99",
            lines=(a_line(quantity=-1, kind="return"),),
            tenders=(Tender(type="credit", amount=Decimal("-24.99")),),
        ),
        "exchange": sale(
            type="exchange",
            net="5.00",
            lines=(a_line(1, -1, kind="return"), a_line(2, 1, "29.99")),
            tenders=(cash("5.00"),),
        ),
        "cancelled": sale(
            status="cancelled",
            net="31.10",
            lines=(a_line(1, 1, "30.00"), a_line(2, 1, "1.10")),
            tenders=(),
        ),
        "post-void": sale(
            type="void",
            net="-31.10",
            lines=(),
            original=Original(transaction_id="T9"),
            tenders=(cash("-31.10"),),
        ),
        "refund to another tender": sale(
            type="return",
            net="-24.99",
            lines=(a_line(quantity=-1, kind="return"),),
            original=Original(transaction_id="T9"),
            tenders=(cash("-24.99"),),
        ),
    }


@pytest.mark.parametrize(
    "name",
    ["sale", "return", "exchange", "cancelled", "post-void", "refund to another tender"],
)
def test_the_contracts_worked_examples_break_no_identity(name, sale):
    assert found(one(worked_examples(sale)[name])) == Finding(0)


def test_every_column_is_there_with_its_dtype(sale):
    batch = one(sale())
    for part, kinds in PARTS.items():
        assert dict(getattr(batch, part).schema) == dict(pl.DataFrame(schema=kinds).schema)


def test_amounts_are_minor_units_of_their_currency(sale):
    yen = sale(net="1250", currency="JPY", tenders=(cash("1250"),))
    dinar = sale(net="1.255", currency="KWD", tenders=(cash("1.255"),))
    assert one(yen).transactions["net_minor"][0] == 1250
    assert one(dinar).transactions["net_minor"][0] == 1255
    assert one(sale(net="12.50")).transactions["net_minor"][0] == 1250


def test_unit_prices_keep_four_decimals(sale):
    batch = one(sale(net="0.13", lines=(a_line(price="0.1275", extended="0.13"),)))
    assert batch.lines["list_price"][0] == 1275
    assert found(batch) == Finding(0)


def test_an_amount_finer_than_the_minor_unit_is_rounded_half_even_and_found(sale):
    batch = one(sale(net="1.125", tenders=(cash("1.125"),)))
    assert batch.transactions["net_minor"][0] == 112
    assert Finding.FINE_MONEY in found(batch)


def test_a_line_that_is_not_quantity_times_price_is_found(sale):
    batch = one(sale(net="9.00", lines=(a_line(price="10.00", extended="9.00"),)))
    assert found(batch) == Finding.LINE_SUM


def test_a_price_change_explains_a_lower_line(sale):
    change = PriceChange(type="manual_discount", amount=Decimal("-1.00"), approver_id="9")
    line = a_line(price="10.00", extended="9.00", price_changes=(change,))
    batch = one(sale(net="9.00", lines=(line,), tenders=(cash("9.00"),)))
    assert found(batch) == Finding(0)
    assert batch.lines["change_minor"].to_list() == [-100]
    assert batch.price_changes.rows() == [(0, 1, "manual_discount", -100, None, None, "9")]


def test_a_change_on_the_whole_receipt_has_no_line(sale):
    change = PriceChange(type="coupon", amount=Decimal("-2.00"))
    batch = one(
        sale(
            net="8.00",
            lines=(a_line(price="10.00"),),
            price_changes=(change,),
            tenders=(cash("8.00"),),
        )
    )
    assert batch.price_changes["line"].to_list() == [None]
    assert found(batch) == Finding(0)


def test_a_voided_line_counts_in_no_total(sale):
    lines = (a_line(1, 1, "10.00"), a_line(2, 1, "5.00", voided=True))
    assert found(one(sale(net="10.00", lines=lines))) == Finding(0)


def test_net_and_tenders_that_do_not_add_up_are_found(sale):
    batch = one(sale(net="10.00", lines=(a_line(price="12.00"),), tenders=(cash("7.00"),)))
    assert found(batch) == Finding.NET_SUM | Finding.TENDER_SUM


def test_cash_may_be_rounded_to_the_smallest_coin_and_cards_may_not(sale):
    line = (a_line(price="10.02"),)
    assert found(one(sale(net="10.02", lines=line, tenders=(cash("10.00"),)))) == Finding(0)
    card = (Tender(type="credit", amount=Decimal("10.00")),)
    assert found(one(sale(net="10.02", lines=line, tenders=card))) == Finding.TENDER_SUM


def test_tax_is_due_beside_net_when_it_is_not_included(sale):
    taxed = sale(net="10.00", tax=Decimal("0.80"), tax_included=False, tenders=(cash("10.80"),))
    assert found(one(taxed)) == Finding(0)


def test_a_returned_line_that_is_positive_is_found(sale):
    batch = one(sale(net="24.99", lines=(a_line(kind="return"),)))
    assert found(batch) == Finding.SIGN


def test_gross_and_discount_that_disagree_are_found(sale):
    right = sale(net="12.50", gross=Decimal("12.50"), discount=Decimal(0))
    assert found(one(right)) == Finding(0)
    assert found(one(sale(net="12.50", gross=Decimal("13.00")))) == Finding.GROSS_SUM


def test_a_receipt_without_lines_or_tenders_breaks_no_sum(sale):
    assert found(one(sale(lines=(), tenders=()))) == Finding(0)


def test_a_receipt_that_begins_after_it_ended_is_out_of_order(sale):
    ended = datetime(2026, 3, 2, 9, tzinfo=UTC)
    batch = one(sale(ended_at=ended, began_at=ended + timedelta(seconds=1)))
    assert found(batch) == Finding.TIME_ORDER


def test_a_clock_that_runs_ahead_of_arrival_is_found(sale):
    ended = datetime(2026, 3, 2, 9, tzinfo=UTC)
    batch = one(sale(ended_at=ended, arrived_at=ended - timedelta(hours=1)))
    assert found(batch) == Finding.CLOCK_FUTURE


def test_a_naive_time_is_local_time_of_the_store(sale):
    batch = one(sale(ended_at=datetime.fromisoformat("2026-07-01T00:30")), BERLIN)
    top = batch.transactions
    assert top["ended_at"][0] == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert top["utc_offset_s"][0] == 7200
    assert top["business_date"][0] == date(2026, 7, 1)
    assert top["arrived_at"][0] == top["ended_at"][0]


def test_the_repeated_hour_takes_the_first_reading_and_is_found(sale):
    batch = one(sale(ended_at=datetime.fromisoformat("2026-10-25T02:30")), BERLIN)
    assert batch.transactions["ended_at"][0] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found(batch) == Finding.REPEATED_HOUR


def test_the_skipped_hour_is_read_with_the_offset_before_it_and_found(sale):
    batch = one(sale(ended_at=datetime.fromisoformat("2026-03-29T02:30")), BERLIN)
    assert batch.transactions["ended_at"][0] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found(batch) == Finding.MISSING_HOUR


def test_a_half_hour_zone_keeps_its_half_hour(sale):
    india = Places(zones={"7": "Asia/Kolkata"})
    batch = one(sale(ended_at=datetime.fromisoformat("2026-03-02T00:10")), india)
    assert batch.transactions["ended_at"][0] == datetime(2026, 3, 1, 18, 40, tzinfo=UTC)
    assert batch.transactions["utc_offset_s"][0] == 19_800


def test_the_stores_zone_counts_for_the_date_of_an_aware_time(sale):
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert one(sale(ended_at=late), BERLIN).transactions["business_date"][0] == date(2026, 7, 2)


def test_without_a_store_the_feeds_own_offset_counts(sale):
    zone = timezone(timedelta(hours=-5))
    batch = one(sale(ended_at=datetime(2026, 7, 1, 23, 30, tzinfo=zone)))
    assert batch.transactions["utc_offset_s"][0] == -18_000
    assert batch.transactions["business_date"][0] == date(2026, 7, 1)


def test_what_cannot_be_placed_is_rejected_alone_and_says_what_to_do(sale):
    no_zone = sale(1, ended_at=datetime.fromisoformat("2026-07-01T00:00"))
    no_money = sale(2, currency=None)
    endless = sale(3, net=Decimal("NaN"))
    old = sale(4, ended_at=datetime(1201, 1, 1, tzinfo=UTC))
    last = sale(6, ended_at=datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert not to_batch([last])[1]
    batch, refused = to_batch([no_zone, no_money, sale(5), endless, old])
    assert batch.transactions["transaction_id"].to_list() == ["T5"]
    assert {row: reason for row, (reason, _) in refused.items()} == {
        0: "missing_zone",
        1: "missing_currency",
        3: "impossible_value",
        4: "impossible_value",
    }
    assert "time_zone" in refused[0][1]


def test_the_currency_of_the_store_stands_in_for_a_missing_one(sale):
    places = Places(currencies={"7": "SEK"}, currency="EUR")
    assert one(sale(currency=None), places).transactions["currency"][0] == "SEK"
    other = sale(currency=None, store_id="8")
    assert one(other, places).transactions["currency"][0] == "EUR"


@pytest.mark.parametrize("code", ["eur", "XXQ"])
def test_a_currency_that_is_none_is_rejected_whoever_names_it(code, sale):
    for places, own in ((NOWHERE, code), (Places(currency=code), None)):
        batch, refused = to_batch([sale(1), sale(2, currency=own)], places)
        assert batch.transactions["transaction_id"].to_list() == ["T1"]
        assert [(row, reason) for row, (reason, _) in refused.items()] == [(1, "impossible_value")]
        assert repr(code) in refused[1][1]


def test_keys_follow_the_written_recipes(sale):
    batch = one(
        sale(
            register_id="3",
            operator_id="101",
            approver_id="9",
            loyalty_id="L1",
            customer_id="C1",
            tenders=(cash("2.50"), Tender("credit", Decimal("10.00"), card_token="tok_1")),
        )
    )
    keys = {name: batch.transactions[f"{name}_key"][0] for name in _RECIPES}
    assert keys == {name: subject_key(*parts) for name, parts in _RECIPES.items()}
    assert batch.lines["sku_key"].to_list() == [subject_key("sku", "tea")]


_RECIPES = {
    "store": ("store", "7"),
    "register": ("register", "7", "3"),
    "operator": ("operator", "till", "7", "101"),
    "approver": ("operator", "till", "7", "9"),
    "loyalty": ("loyalty", "L1"),
    "customer": ("customer", "C1"),
    "card": ("card", "tok_1"),
    "tx": ("tx", "till", "7", "", "T1", ""),
}


def test_a_till_that_numbers_its_receipts_gives_the_key(sale):
    batch = one(
        sale(transaction_id=None, register_id="3", sequence=17, business_date=date(2026, 3, 2))
    )
    expected = subject_key("tx", "till", "7", "3", date(2026, 3, 2), 17)
    assert batch.transactions["tx_key"][0] == expected


def test_nobody_has_key_zero(sale):
    top = one(sale()).transactions
    for name in ("operator", "approver", "customer", "loyalty", "card", "register", "original"):
        assert top[f"{name}_key"][0] == 0


def test_a_partial_original_is_completed_from_the_receipt_that_names_it(sale):
    back = sale(register_id="3", business_date=date(2026, 3, 2), original=Original(sequence=16))
    expected = subject_key("tx", "till", "7", "3", date(2026, 3, 2), 16)
    assert one(back).transactions["original_key"][0] == expected
    lost = sale(original=Original(sequence=16))
    assert one(lost).transactions["original_key"][0] == 0


def test_the_card_is_that_of_the_largest_live_tender_with_one(sale):
    tenders = (
        Tender("credit", Decimal("5.00"), card_token="small"),
        Tender("credit", Decimal("90.00"), card_token="voided", voided=True),
        Tender("debit", Decimal("-7.00"), card_token="large"),
        cash("80.00"),
    )
    batch = one(sale(tenders=tenders))
    assert batch.transactions["card_key"][0] == subject_key("card", "large")


def test_children_stay_with_their_receipt(sale):
    events = (Event(type="drawer_open", at=datetime(2026, 3, 2, 9, tzinfo=UTC)),)
    batch, _ = to_batch([sale(1, lines=()), sale(2, events=events), sale(3)])
    assert batch.lines["tx"].to_list() == [1, 2]
    assert batch.events["tx"].to_list() == [1]


def test_any_split_into_batches_gives_the_same_columns(sale):
    examples = list(worked_examples(sale).values())
    whole, _ = to_batch(examples, BERLIN)
    for cut in range(1, len(examples)):
        halves = [to_batch(half, BERLIN)[0] for half in (examples[:cut], examples[cut:])]
        joined = Batch.concat(halves)
        for part in PARTS:
            assert_frame_equal(getattr(joined, part), getattr(whole, part))


def test_no_receipts_make_an_empty_batch():
    batch, rejects = to_batch([])
    assert len(batch) == 0
    assert not rejects


def test_a_record_without_net_keeps_it_unknown(sale):
    batch, rejects = to_batch([sale(1, net="1.00", lines=(), tenders=()), a_bare_no_sale()])
    assert not rejects
    assert batch.transactions["net_minor"].to_list() == [100, None]
    assert batch.transactions["findings"][1] == 0


def a_bare_no_sale() -> Transaction:
    """Only what the contract requires."""
    return Transaction(
        source="till",
        store_id="7",
        type="no_sale",
        currency="EUR",
        transaction_id="bare",
        ended_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )
