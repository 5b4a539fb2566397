"""Receipts kept as they were sent become the columns that they would have become at once."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.journal.test_columns_of_lines import PLACES, receipts

from shrinkwatch.intake.plain_lines import read_plain
from shrinkwatch.journal.as_sent import AsSent, as_sent, columns_of
from shrinkwatch.journal.columns import ColumnMaker
from shrinkwatch.journal.payload import pack_as_sent, unpack, unpack_sound
from shrinkwatch.journal.places import Places
from shrinkwatch.journal.versions import Index
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.trouble import Damaged

NOW_US = 1_772_445_600_000_000
"""2026-03-02 10:00 UTC."""
BERLIN = Places(zones={"7": "Europe/Berlin"}, currencies={"7": "EUR"})
SALE: dict[str, Any] = {
    "source": "till",
    "store_id": "7",
    "transaction_id": "T1",
    "type": "sale",
    "currency": "EUR",
    "ended_at": "2026-03-02T09:00:00Z",
    "net": 2,
    "lines": [
        {
            "line": 1,
            "kind": "item",
            "sku": "tea",
            "quantity": 1,
            "list_price": 2,
            "extended": 2,
        }
    ],
}


def written(*records: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def kept(
    raw: bytes, places: Places = BERLIN, arrived_us: int = NOW_US
) -> tuple[AsSent, Index] | None:
    plain = read_plain(raw)
    return None if plain is None else as_sent(raw, plain, places, arrived_us)


def made_at_once(raw: bytes, places: Places, arrived_us: int = NOW_US) -> Batch:
    plain = read_plain(raw)
    assert plain is not None
    batch = ColumnMaker(places).batch_of_lines(plain)
    assert batch is not None
    moments = pl.Series("arrived_at", np.full(len(batch), arrived_us).view("datetime64[us]"))
    top = batch.transactions.with_columns(moments.dt.replace_time_zone("UTC"))
    return replace(batch, transactions=top)


def assert_same(one: Batch, other: Batch) -> None:
    for part in PARTS:
        assert_frame_equal(getattr(one, part), getattr(other, part))


def without_moods(record: Any) -> Any:
    """A record without the field that nobody knows, and without a rank."""
    if isinstance(record, dict):
        unwanted = {"mood", "revision", "updated_at"}
        return {
            name: without_moods(value) for name, value in record.items() if name not in unwanted
        }
    return [without_moods(one) for one in record] if isinstance(record, list) else record


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.lists(receipts.map(without_moods), min_size=1, max_size=3),
            st.sampled_from([*PLACES, BERLIN]),
            st.integers(0, 10**6),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_columns_made_later_are_those_made_at_once(groups: list[Any]) -> None:
    later, at_once = [], []
    for records, places, after in groups:
        raw = written(*records)
        found = kept(raw, places, NOW_US + after)
        if found is not None:
            group, index = found
            batch = made_at_once(raw, places, NOW_US + after)
            said = Index.of(batch)
            assert index.tx_key.tolist() == said.tx_key.tolist()
            assert index.day.tolist() == said.day.tolist()
            assert index.revision.tolist() == said.revision.tolist()
            later.append(pack_as_sent(group))
            at_once.append(batch)
    batches, sound = unpack_sound(later)
    assert sound == [True] * len(later)
    assert_same(Batch.concat(batches), Batch.concat(at_once))


def test_plain_receipts_are_kept_as_they_were_sent() -> None:
    raw = written(SALE, SALE | {"transaction_id": "T2"})
    found = kept(raw)
    assert found is not None
    group, index = found
    assert (group.lines, group.count, len(index)) == (raw, 2, 2)
    assert group.zones == {"7": "Europe/Berlin"}
    assert unpack(pack_as_sent(group)).transactions["transaction_id"].to_list() == ["T1", "T2"]


@pytest.mark.parametrize(
    "more",
    [
        {"revision": 2},
        {"updated_at": "2026-03-02T09:00:00Z"},
        {"mood": "x"},
        {"currency": "XXQ"},
        {"ended_at": "1960-03-02T09:00:00Z"},
        {"transaction_id": None, "register_id": "1", "sequence": 4},
        {"transaction_id": None},
    ],
    ids=lambda more: next(iter(more)),
)
def test_what_takes_columns_to_be_judged_is_not(more: dict[str, Any]) -> None:
    assert kept(written(SALE, SALE | {"transaction_id": "T2"} | more)) is None


def test_a_tills_own_numbering_is_a_key_only_with_its_business_date() -> None:
    numbered = SALE | {"transaction_id": None, "register_id": "1", "sequence": 4}
    raw = written(numbered | {"business_date": "2026-03-02"})
    found = kept(raw)
    assert found is not None
    assert found[1].tx_key.tolist() == Index.of(made_at_once(raw, BERLIN)).tx_key.tolist()


def test_a_store_whose_zone_was_learned_meanwhile_keeps_what_was_known_of_each() -> None:
    naive = SALE | {"ended_at": "2026-03-02T10:00:00"}
    groups = [
        kept(written(naive), Places(time_zone="UTC")),
        kept(written(naive | {"transaction_id": "T2"})),
    ]
    batch = columns_of([found[0] for found in groups if found is not None])
    # by hand: in Berlin, an hour east in March, ten o'clock is nine UTC
    assert batch.transactions["ended_at"].dt.hour().to_list() == [10, 9]


def test_lines_that_are_plain_no_more_are_read_as_records() -> None:
    spaced = b" " + written(SALE)
    group = AsSent(spaced + b"\n" + written(SALE | {"revision": None}), 2, NOW_US, {}, {})
    assert len(columns_of([group])) == 2


def test_what_cannot_be_read_any_more_is_said_to_be_damaged() -> None:
    whole = kept(written(SALE))
    assert whole is not None
    broken = AsSent(b"{", 1, NOW_US, {}, {})
    raws = [pack_as_sent(group) for group in (whole[0], broken, whole[0])]
    batches, sound = unpack_sound(raws)
    assert sound == [True, False, True]
    assert [len(batch) for batch in batches] == [1, 1]
    with pytest.raises(Damaged, match="version that took them"):
        unpack(raws[1])
