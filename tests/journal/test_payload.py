"""A batch as bytes, and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.journal.conftest import a_sale

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.payload import pack, pack_frame, unpack
from shrinkwatch.records.batch import PARTS, Batch
from shrinkwatch.records.trouble import Damaged

PACKED = pack(to_batch([a_sale()])[0])


def test_what_is_packed_comes_back_the_same(sale):
    batch, _ = to_batch([sale(1), sale(2)])
    back = unpack(pack(batch))
    for part in PARTS:
        assert_frame_equal(getattr(back, part), getattr(batch, part))


def test_only_the_wanted_columns_come_back(sale):
    batch, _ = to_batch([sale(1)])
    back = unpack(pack(batch), {"transactions": ["net_minor"], "lines": ["sku_key"]})
    assert back.transactions.columns == ["net_minor"]
    assert back.lines.columns == ["tx", "sku_key"]
    assert back.tenders.height == 0


def test_an_empty_batch_survives():
    assert len(unpack(pack(Batch.empty()))) == 0


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
@settings(max_examples=300)
def test_a_flipped_bit_is_noticed_wherever_it_is(place, bit):
    raw = bytearray(PACKED)
    raw[place % len(raw)] ^= 1 << bit
    with pytest.raises(Damaged, match="restore"):
        unpack(bytes(raw))


@given(st.integers(0, len(PACKED) - 1))
def test_a_torn_payload_is_noticed(length):
    with pytest.raises(Damaged):
        unpack(PACKED[:length])


def test_what_was_packed_without_a_sum_is_read():
    frames = [pack_frame(getattr(unpack(PACKED), part)) for part in PARTS]
    older = b"".join(len(raw).to_bytes(8, "little") + raw for raw in frames)
    assert len(unpack(older)) == 1


def test_a_receipt_that_comes_alone_is_not_stored_as_mostly_column_names():
    assert len(PACKED) < 8_000


def test_what_is_large_is_not_squeezed_and_comes_back():
    batch, _ = to_batch([a_sale(number, register_id=f"R{number}") for number in range(6_000)])
    packed = pack(batch)
    assert len(packed) > 256 << 10
    assert_frame_equal(unpack(packed).transactions, batch.transactions)
