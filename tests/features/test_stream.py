"""The stream: read before learn, whatever the batches, and continued to the bit after a restart."""

import copy
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from shrinkwatch.features import state_files
from shrinkwatch.features.catalogue import COLUMNS, OUTCOME_COLUMNS
from shrinkwatch.features.labelled import LookUp
from shrinkwatch.features.stream import COLUMNS_READ, FeatureStream
from shrinkwatch.records.batch import Batch, subject_key
from shrinkwatch.records.tables import Tables
from shrinkwatch.records.trouble import Refused

from .tills import START, at, batch_of, tables_of, transaction

PROPERTY = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def transactions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few dozen transactions of few subjects over weeks, some late, some incomplete."""
    count = draw(st.integers(2, 24))
    clock, rows = 0.0, []
    for number in range(count):
        clock += draw(st.sampled_from([0.0, 0.5, 3.0, 25.0, 400.0, 3_000.0, 21_000.0]))
        late = draw(st.sampled_from([0.0, 0.0, 0.0, 12.0, 700.0, 9_000.0]))
        kind = draw(st.sampled_from(["sale", "sale", "return", "exchange", "void", "no_sale"]))
        amount = draw(st.integers(1, 50_000) | st.just(2**40))
        sign = -1 if kind in {"return", "void"} else 1
        line = {
            "sku": draw(st.sampled_from(["milk", "gin", "razor", None])),
            "kind": "return" if kind == "return" else "item",
            "quantity": float(sign),
            "extended_minor": sign * amount,
            "list_price": amount * 100,
            "voided": draw(st.booleans()),
        }
        change = {"line": 1, "type": "override", "amount_minor": -amount // 3}
        rows.append(
            transaction(
                transaction_id=str(number),
                type=kind,
                status=draw(st.sampled_from(["completed", "completed", "cancelled", "suspended"])),
                training=draw(st.sampled_from([False, False, False, True])),
                employee_sale=draw(st.booleans()),
                ended_at=draw(st.sampled_from([at(clock - late), at(clock), None])),
                store_id=draw(st.sampled_from(["S1", "S2"])),
                register_id=draw(st.sampled_from(["1", "2"])),
                operator_id=draw(st.sampled_from(["7", "8", None])),
                loyalty_id=draw(st.sampled_from(["L1", "L2", None])),
                customer_id=draw(st.sampled_from(["K1", None])),
                card=draw(st.sampled_from(["C1", "C2", "C3", None])),
                original=draw(st.sampled_from([None, "0", "1", "5"])),
                net_minor=sign * amount,
                lines=[line] * draw(st.integers(0, 3)),
                price_changes=draw(st.sampled_from([[], [change]])),
                tenders=[{"type": "credit", "amount_minor": sign * amount}],
                events=draw(st.sampled_from([[], [{"type": "drawer_open"}]])),
            )
        )
    return rows


@st.composite
def labels(draw: st.DrawFn, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A dozen labels of these transactions, said at any time, some of none and some twice."""
    said = st.fixed_dictionaries(
        {
            "at": st.floats(0, 30_000).map(at),
            "outcome": st.sampled_from(["theft", "legitimate", "error", "unknown"]),
            "source": st.just("till"),
            "transaction_store_id": st.sampled_from(["S1", "S2"]),
            "transaction_id": st.integers(0, len(rows)).map(str),
        }
    )
    found = draw(st.lists(said, max_size=12))
    return [row | {"row_id": str(number)} for number, row in enumerate(found)]


def journaled(rows: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], LookUp]:
    """Return the transactions under the keys of a journal that keeps them, and its `receipts`."""
    kept = [
        row
        | {
            "tx_key": subject_key("tx", "till", row["store_id"], "", row["transaction_id"], ""),
            "arrived_at": row["ended_at"],
        }
        for row in rows
    ]

    def receipts(keys: Sequence[int]) -> Batch:
        return batch_of(*(row for key in keys for row in kept if row["tx_key"] == key))

    return kept, receipts


def outcomes_of(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(column.name for column in OUTCOME_COLUMNS)


def replayed(
    rows: Sequence[dict[str, Any]], cuts: Sequence[int], stream: FeatureStream
) -> pl.DataFrame:
    """Return the frame of these transactions, cut into batches before these rows."""
    edges = pairwise([0, *sorted(set(cuts)), len(rows)])
    return pl.concat([stream.advance(batch_of(*rows[a:b])) for a, b in edges if b > a])


def same(one: pl.DataFrame, other: pl.DataFrame) -> None:
    assert_frame_equal(one, other, check_exact=True)


@PROPERTY
@given(rows=transactions(), data=st.data())
def test_any_split_into_batches_gives_the_same_bits(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(1, len(rows) - 1), max_size=6))
    whole = replayed(rows, [], FeatureStream.new(Tables()))
    same(whole, replayed(rows, cuts, FeatureStream.new(Tables())))


@PROPERTY
@given(data=st.data())
def test_any_split_gives_the_same_bits_with_labels_too(data: st.DataObject) -> None:
    rows, look_up = journaled(data.draw(transactions()))
    tables = tables_of(labels=data.draw(labels(rows)))
    cuts = data.draw(st.lists(st.integers(1, len(rows) - 1), max_size=6))
    whole = replayed(rows, [], FeatureStream.new(tables, look_up=look_up))
    same(whole, replayed(rows, cuts, FeatureStream.new(tables, look_up=look_up)))


@PROPERTY
@given(data=st.data())
def test_a_label_that_comes_later_changes_nothing_before(data: st.DataObject) -> None:
    rows, look_up = journaled(data.draw(transactions()))
    said = data.draw(labels(rows))
    corrupted = [row | {"outcome": "theft", "transaction_id": "0"} for row in said]
    cut = data.draw(st.integers(1, len(rows) - 1))
    known = max(row["ended_at"] or START for row in rows[:cut])
    mixed = [
        wrong if right["at"] > known else right
        for right, wrong in zip(said, corrupted, strict=True)
    ]
    honest, other = (
        replayed(rows, [], FeatureStream.new(tables_of(labels=told), look_up=look_up))
        for told in (said, mixed)
    )
    same(honest[:cut], other[:cut])


@settings(PROPERTY, max_examples=6)
@given(data=st.data())
def test_labels_told_bit_by_bit_give_the_same_bits(data: st.DataObject) -> None:
    rows, look_up = journaled(data.draw(transactions()))
    said = data.draw(labels(rows))
    whole = replayed(rows, [], FeatureStream.new(tables_of(labels=said), look_up=look_up))
    stream, frames, known = FeatureStream.new(Tables(), look_up=look_up), [], START
    for row in rows:
        known = max(known, row["ended_at"] or known)
        stream.update_tables(tables_of(labels=[one for one in said if one["at"] <= known]))
        frames.append(stream.advance(batch_of(row)))
    same(whole, pl.concat(frames))


@settings(PROPERTY, max_examples=6)
@given(data=st.data())
def test_saved_and_loaded_it_remembers_what_labels_said(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows, look_up = journaled(data.draw(transactions()))
    tables = tables_of(labels=data.draw(labels(rows)))
    cut = data.draw(st.integers(1, len(rows) - 1))
    unbroken = replayed(rows, [cut], FeatureStream.new(tables, look_up=look_up))
    before = FeatureStream.new(tables, look_up=look_up)
    before.advance(batch_of(*rows[:cut]))
    folder = tmp_path_factory.mktemp("state")
    before.save(folder)
    after = FeatureStream.load(folder, tables, look_up=look_up)
    same(outcomes_of(unbroken[cut:]), outcomes_of(after.advance(batch_of(*rows[cut:]))))


def test_a_theft_on_this_card_is_known_from_the_moment_somebody_said_so() -> None:
    rows = [
        transaction(transaction_id=str(i), operator_id="7", card="C", ended_at=at(60 * i))
        for i in range(4)
    ]
    rows, look_up = journaled(rows)
    said = {"row_id": "1", "at": at(90), "outcome": "theft", "source": "till"}
    said |= {"transaction_store_id": "S1", "transaction_id": "0"}
    stream = FeatureStream.new(tables_of(labels=[said]), look_up=look_up)
    frame = stream.advance(batch_of(*rows))
    assert frame["card_confirmed_28d"].to_list() == [None, None, 1, 1]
    assert frame["operator_confirmed_share_28d"].to_list() == [None, None, 1.0, 1.0]
    assert frame["register_since_confirmed_s"].to_list() == [None, None, 1_800, 5_400]
    assert frame["customer_answered_28d"].to_list() == [None] * 4


def test_without_labels_the_stream_holds_no_more_for_their_sake() -> None:
    rows, look_up = journaled([transaction(transaction_id=str(i), card=str(i)) for i in range(99)])
    stream = FeatureStream.new(Tables(), look_up=look_up)
    frame = stream.advance(batch_of(*rows))
    held = stream._fold.outcomes.memories().values()
    assert sum(one.index.used for one in held) == 0
    assert outcomes_of(frame).null_count().sum_horizontal()[0] == 99 * len(OUTCOME_COLUMNS)


def test_one_at_a_time_gives_the_same_bits_as_all_at_once() -> None:
    rows = [
        transaction(transaction_id=str(i), operator_id="7", card="C", ended_at=at(7 * i))
        for i in range(60)
    ]
    whole = replayed(rows, [], FeatureStream.new(Tables()))
    same(whole, replayed(rows, range(1, 60), FeatureStream.new(Tables())))


@PROPERTY
@given(rows=transactions(), data=st.data())
def test_whatever_comes_later_changes_nothing_before(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))
    corrupted = copy.deepcopy(rows)
    for row in corrupted[cut:]:
        row |= {"net_minor": -9_999_999, "type": "void", "operator_key": 1, "card_key": 2}
        row["ended_at"] = START - timedelta(days=3)
    honest = replayed(rows, [], FeatureStream.new(Tables()))
    other = replayed(corrupted, [], FeatureStream.new(Tables()))
    same(honest[:cut], other[:cut])


@PROPERTY
@given(rows=transactions(), data=st.data())
def test_saved_and_loaded_it_continues_to_the_bit(
    rows: list[dict[str, Any]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cut = data.draw(st.integers(1, len(rows) - 1))
    folder = tmp_path_factory.mktemp("state")
    unbroken, before = FeatureStream.new(Tables()), FeatureStream.new(Tables())
    for stream in (unbroken, before):
        stream.advance(batch_of(*rows[:cut]))
        stream.close_day(START.date())
    before.save(folder)
    after = FeatureStream.load(folder, Tables())
    continued = after.advance(batch_of(*rows[cut:]))
    same(unbroken.advance(batch_of(*rows[cut:])), continued)
    for code in continued["peer_group"]:
        assert unbroken.peer_group_name(code) == after.peer_group_name(code)


def test_state_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FeatureStream.new(Tables()).save(tmp_path)
    written = (tmp_path / "features.json").read_text()
    (tmp_path / "features.json").write_text(written.replace(state_files.FEATURES_VERSION, "old"))
    with pytest.raises(Refused, match="of version old"):
        FeatureStream.load(tmp_path, Tables())


def test_a_folder_without_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no saved features"):
        FeatureStream.load(tmp_path, Tables())


def test_the_frame_has_the_batchs_columns_and_then_the_catalogues() -> None:
    batch = batch_of(transaction(transaction_id="1"))
    frame = FeatureStream.new(Tables()).advance(batch)
    announced = {column.name: column.dtype for column in COLUMNS}
    assert frame.columns == [*batch.transactions.columns, *announced]
    assert {name: frame.schema[name] for name in announced} == announced


def test_no_transactions_give_a_frame_of_the_same_shape() -> None:
    stream = FeatureStream.new(Tables())
    assert stream.advance(Batch.empty()).schema == stream.advance(batch_of(transaction())).schema


def test_nobody_has_no_features() -> None:
    rows = [transaction(transaction_id=str(i), ended_at=at(i)) for i in range(2)]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    of_nobody = [c for c in frame.columns if c.startswith(("operator_", "card_", "loyalty_"))]
    spoken = [c for c in of_nobody if not c.endswith(("_key", "_id"))]
    assert frame.select(spoken).null_count().sum_horizontal()[0] == 2 * len(spoken)
    assert frame["register_tx_1h"].to_list() == [0, 1]


def test_people_are_one_over_their_ids_and_virtual_ids_are_nobody() -> None:
    tables = tables_of(
        operators=[
            {"store_id": "S1", "operator_id": "7", "employee_id": "E"},
            {"store_id": "S2", "operator_id": "3", "employee_id": "E", "role": "cashier"},
            {"store_id": "S1", "operator_id": "90", "virtual": True},
        ]
    )
    rows = [
        transaction(transaction_id="1", operator_id="7"),
        transaction(transaction_id="2", store_id="S2", operator_id="3", ended_at=at(1)),
        transaction(transaction_id="3", operator_id="90", ended_at=at(2)),
        transaction(transaction_id="4", operator_id="8", approver_id="7", ended_at=at(3)),
    ]
    frame = FeatureStream.new(tables).advance(batch_of(*rows))
    one, other, nobody, stranger = frame["operator_key"]
    assert one == other != 0
    assert nobody == 0
    assert stranger == rows[3]["operator_key"]
    assert frame["approver_key"][3] == one
    assert frame["operator_tx_1h"].to_list() == [0, 1, None, 0]
    assert frame["role"].to_list() == [None, "cashier", None, None]
    assert frame["virtual_operator"].to_list() == [None, None, True, None]


def test_new_tables_count_from_the_next_batch_on() -> None:
    stream = FeatureStream.new(Tables())
    before = stream.advance(batch_of(transaction(operator_id="7", transaction_id="1")))
    role = {"store_id": "S1", "operator_id": "7", "role": "supervisor"}
    stream.update_tables(tables_of(operators=[role]))
    after = stream.advance(batch_of(transaction(operator_id="7", transaction_id="2")))
    assert [before["role"][0], after["role"][0]] == [None, "supervisor"]
    assert after["operator_tx_1h"][0] == 1


def test_the_columns_read_are_all_that_features_need() -> None:
    line = {"sku": "P1", "list_price": 30000, "extended_minor": 300, "entry": "key"}
    batch = batch_of(
        transaction(transaction_id="1", lines=[line, line | {"voided": True}], net_minor=300),
        transaction(transaction_id="2", tenders=[{"type": "cash", "amount_minor": 1000}]),
    )
    few = Batch(
        **{part: getattr(batch, part).select(names) for part, names in COLUMNS_READ.items()}
    )
    whole = FeatureStream.new(Tables()).advance(batch)
    same(FeatureStream.new(Tables()).advance(few), whole)
