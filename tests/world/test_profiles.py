"""Poorer feeds: what each lacks, what it keeps, and that a reader of the contract takes it."""

from collections.abc import Callable
from inspect import getdoc

import msgspec
import polars as pl
import pytest

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.world.chain import World
from shrinkwatch.world.files import ndjson
from shrinkwatch.world.profiles import PROFILES, said

Read = Callable[[str], list[Transaction]]


@pytest.fixture(scope="module")
def read(tiny: World) -> Read:
    """Reads the feed of the tiny chain as a profile leaves it."""

    def feed(name: str) -> list[Transaction]:
        world = PROFILES[name](tiny)
        text = ndjson(world, 0, world.transactions.height)
        return [msgspec.json.decode(line, type=Transaction) for line in text.splitlines()]

    return feed


@pytest.mark.parametrize("name", PROFILES)
def test_its_docstring_says_what_it_takes_and_why(name: str) -> None:
    paragraphs = (getdoc(PROFILES[name]) or "").split("\n\n")
    assert len(said(PROFILES[name]).split(". ")) >= 2
    assert len(paragraphs) == 2 or name == "full"


@pytest.mark.parametrize("name", PROFILES)
def test_the_answers_stay_and_the_chain_itself_is_not_changed(tiny: World, name: str) -> None:
    before = tiny.transactions.clone()
    poorer = PROFILES[name](tiny)
    assert poorer.incidents.equals(tiny.incidents)
    assert poorer.lookalikes.equals(tiny.lookalikes)
    assert tiny.transactions.equals(before)
    assert poorer.transactions.columns == tiny.transactions.columns


@pytest.mark.parametrize("name", [name for name in PROFILES if name != "naive_times"])
def test_the_journal_rejects_nothing_of_it_and_finds_no_broken_sum(read: Read, name: str) -> None:
    batch, rejected = to_batch(read(name))
    assert not rejected
    assert batch.transactions.filter(pl.col("findings") != 0).is_empty()


def test_full_is_everything(tiny: World) -> None:
    assert PROFILES["full"](tiny) is tiny


def test_header_only_keeps_one_row_a_receipt_with_its_totals(read: Read) -> None:
    rows, whole = read("header_only"), read("full")
    assert [(r.sequence, r.net) for r in rows] == [(r.sequence, r.net) for r in whole]
    assert not any(r.lines or r.tenders or r.events or r.price_changes for r in rows)


def test_without_line_times_lines_keep_their_order_and_the_receipt_its_times(read: Read) -> None:
    rows, whole = read("no_line_times"), read("full")
    lines = [line for r in rows for line in r.lines]
    assert all(line.at is None and line.void_at is None for line in lines)
    assert [line.sku for line in lines] == [line.sku for r in whole for line in r.lines]
    assert [r.ended_at for r in rows] == [r.ended_at for r in whole]


def test_without_totals_the_payment_is_all_that_is_known(read: Read) -> None:
    assert all(r.totaled_at is None for r in read("no_totals"))


def test_last_four_leaves_four_digits_and_no_token(read: Read) -> None:
    cards = [t for r in read("last_four") for t in r.tenders if t.type in {"credit", "debit"}]
    assert cards
    for tender in cards:
        assert tender.card_token is None
        assert tender.card_last4 is not None
        assert len(tender.card_last4) == 4


def test_naive_times_are_the_local_ones_without_their_offset(tiny: World) -> None:
    rows = tiny.transactions.height
    bare = ndjson(PROFILES["naive_times"](tiny), 0, rows)
    whole = ndjson(tiny, 0, rows)
    assert b"+01:00" in whole or b"+00:00" in whole
    assert bare == whole.replace(b"+00:00", b"").replace(b"+01:00", b"")


def test_without_originals_a_return_names_no_receipt_and_a_post_void_still_does(
    busy: World,
) -> None:
    rows = PROFILES["no_originals"](busy).transactions
    back = pl.col("type").is_in(["return", "exchange"])
    named = rows.filter(back).select("^original_.*$")
    assert named.null_count().row(0) == (named.height,) * named.width
    assert named.height > 0
    assert rows.filter(pl.col("type") == "void")["original_sequence"].null_count() == 0


def test_without_events_no_drawer_opens(read: Read) -> None:
    assert not any(r.events for r in read("no_events"))


def test_completed_only_keeps_what_turnover_is_made_of(tiny: World, read: Read) -> None:
    rows = read("completed_only")
    assert {r.type for r in rows} <= {"sale", "return", "exchange"}
    assert {r.status for r in rows} <= {"completed", "resumed"}
    assert not any(line.voided for r in rows for line in r.lines)
    sold = tiny.transactions.filter(
        pl.col("type").is_in(["sale", "return", "exchange", "void"]),
        pl.col("status").is_in(["completed", "resumed"]),
        ~pl.col("training"),
    )
    assert sum(r.net or 0 for r in rows) * 100 == sold["net_minor"].sum()


def test_without_flags_practice_and_staff_sales_look_like_any_other(read: Read) -> None:
    rows = read("no_flags")
    assert not any(r.training or r.employee_sale for r in rows)


def test_without_entry_nobody_knows_what_was_keyed(read: Read) -> None:
    lines = [line for r in read("no_entry") for line in r.lines]
    assert all(line.entry is None and line.weight is None for line in lines)


def test_without_approvers_nobody_signed(read: Read) -> None:
    rows = read("no_approvers")
    assert all(r.approver_id is None for r in rows)
    changes = [c for r in rows for line in r.lines for c in line.price_changes]
    assert all(c.approver_id is None for c in changes)
    assert any(r.operator_id for r in rows)


def test_without_operators_nobody_is_named_in_feed_or_tables(tiny: World, read: Read) -> None:
    assert all(r.operator_id is None and r.approver_id is None for r in read("no_operators"))
    tables = PROFILES["no_operators"](tiny).tables
    assert not {"operators", "shifts"} & tables.keys()
    assert "stores" in tables


def test_without_customers_only_the_cards_are_left(read: Read) -> None:
    rows = read("no_customers")
    assert all(r.loyalty_id is None and r.customer_id is None for r in rows)
    assert any(t.card_token for r in rows for t in r.tenders)


def test_without_tables_there_is_the_stores_table_and_the_feed(tiny: World) -> None:
    assert set(PROFILES["no_tables"](tiny).tables) == {"stores"}
