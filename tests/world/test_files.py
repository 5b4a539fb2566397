"""The files: what a reader of the contract makes of them."""

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import polars as pl
import pytest
import zstandard

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.records.tables import TABLE_COLUMNS
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.world.chain import World
from shrinkwatch.world.files import CHUNK, ndjson, write


@pytest.fixture(scope="module")
def folder(busy: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    write(busy, folder)
    return folder


@pytest.fixture(scope="module")
def records(folder: Path) -> list[Transaction]:
    return list(_read(folder / "transactions.ndjson.zst"))


def _read(path: Path) -> Iterator[Transaction]:
    decoder = msgspec.json.Decoder(Transaction)
    with path.open("rb") as raw:
        stream = zstandard.ZstdDecompressor().stream_reader(raw)
        for line in io.BufferedReader(stream):
            yield decoder.decode(line)


def _live(record: Transaction) -> Decimal:
    lines = sum((line.extended for line in record.lines if not line.voided), Decimal(0))
    return lines + sum((change.amount for change in record.price_changes), Decimal(0))


def test_every_transaction_is_one_of_the_contract(busy: World, records: list[Transaction]) -> None:
    assert len(records) == busy.transactions.height > CHUNK / 2
    assert [r.sequence for r in records] == busy.transactions["sequence"].to_list()


def test_net_is_what_the_lines_and_changes_come_to(records: list[Transaction]) -> None:
    with_lines = [r for r in records if r.lines]
    assert all(_live(r) == r.net for r in with_lines)


def test_every_line_is_quantity_times_price_plus_its_changes(records: list[Transaction]) -> None:
    half_a_cent = Decimal("0.005")
    for line in (line for r in records for line in r.lines):
        exact = line.quantity * line.list_price + sum(c.amount for c in line.price_changes)
        assert abs(exact - line.extended) <= half_a_cent


def test_live_tenders_come_to_net_and_a_dead_record_has_none(records: list[Transaction]) -> None:
    for record in records:
        paid = sum((t.amount for t in record.tenders if not t.voided), Decimal(0))
        done = record.status in {"completed", "resumed"}
        assert paid == (record.net if done else 0)


def test_returned_lines_are_negative_and_sold_lines_are_not(records: list[Transaction]) -> None:
    checks = [line for r in records if r.type == "price_check" for line in r.lines]
    assert checks
    assert all(line.quantity == line.extended == 0 for line in checks)
    for line in (line for r in records if r.type != "price_check" for line in r.lines):
        if line.kind == "return":
            assert line.quantity < 0
            assert line.extended < 0
        else:
            assert line.quantity > 0
            assert line.extended >= 0


def test_a_post_void_is_the_negative_of_what_it_names(records: list[Transaction]) -> None:
    by_key = {(r.store_id, r.register_id, r.business_date, r.sequence): r for r in records}
    voids = [r for r in records if r.type == "void"]
    assert voids
    for void in voids:
        assert void.original is not None
        first = void.original
        sale = by_key[first.store_id or "", first.register_id, first.business_date, first.sequence]
        assert void.net == -sale.net
        assert sale.ended_at is not None
        assert void.began_at is not None
        assert sale.ended_at < void.began_at


def test_an_order_that_was_sent_home_is_the_original_of_its_return(
    records: list[Transaction],
) -> None:
    back = [r for r in records if r.type == "return" and r.order_id and r.original]
    sent = [r for r in back if r.original and r.original.transaction_id]
    assert sent
    assert all(r.original and r.original.transaction_id == r.order_id for r in sent)
    assert all(r.original and r.original.sequence is None for r in sent)


def test_line_times_lie_within_their_transaction(records: list[Transaction]) -> None:
    for record in records:
        for line in record.lines:
            assert line.at is not None
            assert record.began_at is not None
            assert record.ended_at is not None
            assert record.began_at <= line.at <= (line.void_at or line.at) <= record.ended_at


def test_lines_are_numbered_from_one_in_order_of_scanning(records: list[Transaction]) -> None:
    for record in records:
        assert [line.line for line in record.lines] == list(range(1, len(record.lines) + 1))
        times = [line.at for line in record.lines]
        assert times == sorted(times)  # type: ignore[type-var]


def test_times_carry_the_offset_of_their_store(busy: World, records: list[Transaction]) -> None:
    """London is at +00:00 and Berlin at +01:00 in winter, an hour more from 29 March 2026."""
    zones = dict(busy.tables["stores"].select("store_id", "time_zone").iter_rows())
    winter = {"Europe/London": 0, "Europe/Berlin": 3600}
    for record in records:
        assert record.began_at is not None
        offset = record.began_at.utcoffset()
        assert offset is not None
        summer = record.began_at.strftime("%m-%d") >= "03-29"
        assert offset.total_seconds() == winter[zones[record.store_id]] + 3600 * summer


def test_the_journal_finds_no_broken_identity_in_an_honest_or_a_stolen_record(
    records: list[Transaction],
) -> None:
    """Another program's check of the same identities: post-voids, signs, sums, order of times."""
    batch, rejected = to_batch(records)
    assert not rejected
    assert batch.transactions.filter(pl.col("findings") != 0).is_empty()


def test_text_of_a_slice_does_not_depend_on_where_it_is_cut(tiny: World) -> None:
    rows = tiny.transactions.height
    whole = ndjson(tiny, 0, rows)
    assert ndjson(tiny, 0, 100) + ndjson(tiny, 100, 101) + ndjson(tiny, 101, rows) == whole


def test_the_tables_have_the_contract_s_columns(folder: Path) -> None:
    beside = ("stores", "registers", "operators", "items", "shifts", "stock_moves", "stock_counts")
    for kind in beside:
        table = pl.read_csv(folder / f"{kind}.csv", infer_schema=False)
        assert table.height > 0
        assert set(table.columns) <= set(TABLE_COLUMNS[kind])


def test_the_answer_sheet_has_the_contract_s_columns(folder: Path) -> None:
    sheet = pl.read_csv(folder / "incidents.csv", infer_schema=False)
    named = {"loss" if name == "loss_minor" else name for name in TABLE_COLUMNS["incidents"]}
    assert set(sheet.columns) | {"transaction_id"} == named
