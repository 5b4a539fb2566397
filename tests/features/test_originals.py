"""What a return takes back, found among what had arrived before."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.features import originals
from shrinkwatch.features.originals import seek
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import START, at, batch_of, transaction

SALE = transaction(
    transaction_id="sale",
    operator_id="7",
    card="C",
    net_minor=2_499,
    lines=[{"sku": "a", "quantity": 2.0, "extended_minor": 2_499}],
    tenders=[{"type": "credit", "amount_minor": 2_499, "card": "C"}],
)


def refund(number: int, minutes: float, **given: Any) -> dict[str, Any]:
    return transaction(
        **{
            "transaction_id": f"refund {number}",
            "type": "return",
            "operator_id": "7",
            "original": "sale",
            "net_minor": -1_000,
            "ended_at": at(minutes),
            "tenders": [{"type": "cash", "amount_minor": -1_000}],
        }
        | given
    )


def test_a_cash_refund_of_a_card_sale_is_seen_with_what_was_paid_back_before() -> None:
    rows = [SALE, refund(1, 30), refund(2, 60, operator_id="8", register_id="2")]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["original_found"].to_list() == [None, True, True]
    assert frame["original_age_s"].to_list() == [None, 1_800.0, 3_600.0]
    assert frame["original_net_minor"].to_list() == [None, 2_499, 2_499]
    assert frame["original_cash_minor"].to_list() == [None, 0, 0]
    assert frame["original_card_paid_minor"].to_list() == [None, 2_499, 2_499]
    assert frame["original_card_key"].to_list() == [0, SALE["card_key"], SALE["card_key"]]
    assert frame["original_same_operator"].to_list() == [None, True, False]
    assert frame["original_same_register"].to_list() == [None, True, False]
    assert frame["original_units"].to_list() == [None, 2.0, 2.0]
    assert frame["original_refunded_minor"].to_list() == [None, 0, 1_000]


def test_a_receipt_that_comes_later_is_not_known_yet() -> None:
    frame = FeatureStream.new(Tables()).advance(batch_of(refund(1, 30), SALE, refund(2, 60)))
    assert frame["original_found"].to_list() == [False, None, True]
    assert frame["original_refunded_minor"].to_list() == [0, None, 1_000]


def test_a_line_may_name_the_original() -> None:
    line = {"sku": "a", "kind": "return", "quantity": -1.0, "original": "sale"}
    by_line = refund(1, 30, original=None, lines=[line | {"extended_minor": -1_000}])
    frame = FeatureStream.new(Tables()).advance(batch_of(SALE, by_line))
    assert frame["original_named"].to_list() == [None, True]
    assert frame["original_found"].to_list() == [None, True]


def test_an_original_named_in_part_is_named_and_not_found() -> None:
    partial = refund(1, 30, original=None) | {"original_sequence": 12}
    frame = FeatureStream.new(Tables()).advance(batch_of(SALE, partial))
    assert frame["original_named"].to_list() == [None, True]
    assert frame["original_found"].to_list() == [None, None]


def test_receipts_are_remembered_for_45_days(tmp_path: Path) -> None:
    stream = FeatureStream.new(Tables(), tmp_path)
    stream.advance(batch_of(SALE))
    found = []
    for day in range(47):
        stream.close_day(START.date() + timedelta(days=day))
        if day in {0, 20, 44, 45}:
            late = refund(day, 1_440 * (day + 1), original_business_date=date(2026, 3, day % 2 + 2))
            found.append(stream.advance(batch_of(late))["original_found"][0])
    assert found == [True, True, True, False]
    assert not list(tmp_path.glob("2026-03-02*"))


ARRIVALS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(arrivals=ARRIVALS, cuts=st.sets(st.integers(1, 39)), in_memory=st.integers(1, 5))
def test_the_newest_receipt_of_a_key_is_found_wherever_it_was_put(
    arrivals: list[tuple[int, int]], cuts: set[int], in_memory: int
) -> None:
    known: dict[int, int] = {}
    expected = []
    for number, (key, original) in enumerate(arrivals):
        expected.append(known.get(original, -1) if original else -1)
        known |= {key: number} if key else {}
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(originals, "IN_MEMORY", in_memory)
        memory, ends = originals.Originals(), [*sorted(cuts), len(arrivals)]
        for start, end in zip([0, *ends], ends, strict=False):
            out = memory.advance(receipts_of(arrivals, start, end), np.zeros(max(0, end - start)))
            found += np.where(out.found, out.words[:, 0], -1).tolist()
            if start == ends[0]:
                memory.close_day(START.date())
    assert found == expected


def receipts_of(arrivals: list[tuple[int, int]], start: int, end: int) -> originals.Receipts:
    """Keys and originals of some arrivals; the first word is the arrival's number."""
    some = np.array(arrivals[start:end], dtype=np.uint64).reshape(-1, 2)
    words = np.repeat(np.arange(start, start + len(some))[:, None], 7, axis=1)
    kept = np.ones(len(some), dtype=np.bool_)
    return originals.Receipts(
        some[:, 0].copy(), kept, some[:, 1].copy(), np.zeros(len(some), np.int64), words
    )


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(1, 2**64 - 1), min_size=1, max_size=60), st.data())
def test_a_key_is_found_wherever_it_lies(keys: set[int], data: st.DataObject) -> None:
    ordered = np.array(sorted(keys), dtype=np.uint64)
    key = data.draw(st.sampled_from(sorted(keys)) | st.integers(1, 2**64 - 1))
    place = sorted(keys).index(key) if key in keys else -1
    assert seek(ordered, np.uint64(key)) == place
