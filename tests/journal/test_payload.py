"""A batch as bytes, and back."""

import pytest
import xxhash
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.journal.conftest import a_sale

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.payload import pack, pack_frame, unpack, unpack_sound
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


def test_few_records_packed_with_every_column_are_read():
    raws = [pack_frame(getattr(unpack(PACKED), part), squeezed=False) for part in PARTS]
    content = b"".join(len(raw).to_bytes(8, "little") + raw for raw in raws)
    squeezed = b"squeezed\xff" + zstandard.compress(content)
    sum_of = xxhash.xxh3_64_intdigest(squeezed).to_bytes(8, "little")
    older = b"summed\xff\xff" + sum_of + squeezed
    assert_same(unpack(older), unpack(PACKED))


@pytest.mark.parametrize("begin", [b"squeezed\xff", b"as sent.\xff"])
@pytest.mark.parametrize("rest", [b"no zstd", zstandard.compress(b"neither frames nor lines")])
def test_what_has_its_sum_and_cannot_be_read_is_damaged(begin, rest):
    sum_of = xxhash.xxh3_64_intdigest(begin + rest).to_bytes(8, "little")
    with pytest.raises(Damaged, match="restore"):
        unpack(b"summed\xff\xff" + sum_of + begin + rest)


def assert_same(one, other):
    for part in PARTS:
        assert_frame_equal(getattr(one, part), getattr(other, part))


def test_many_payloads_come_back_in_order_whatever_each_lacks(sale):
    plain = to_batch([a_sale(1), a_sale(2)])[0]
    bare = to_batch([sale(3, lines=(), tenders=())])[0]
    many = to_batch([a_sale(number, register_id=f"R{number}") for number in range(1_000)])[0]
    batches = [plain, bare, plain, many, bare, plain]
    for columns in (None, {"transactions": ["customer_id"], "lines": ["sku_key", "serial"]}):
        found, sound = unpack_sound(map(pack, batches), columns)
        assert sound == [True] * 6
        assert [len(batch) for batch in found] == [5, 1_000, 3]
        alone = [unpack(pack(batch), columns) for batch in batches]
        assert_same(Batch.concat(found), Batch.concat(alone))
    assert_same(Batch.concat(unpack_sound(map(pack, batches))[0]), Batch.concat(batches))


def test_a_damaged_payload_costs_only_itself():
    damaged = bytearray(PACKED)
    damaged[40] ^= 1
    found, sound = unpack_sound([PACKED, bytes(damaged), PACKED])
    assert sound == [True, False, True]
    assert [len(batch) for batch in found] == [1, 1]


def test_a_receipt_that_comes_alone_is_not_stored_as_mostly_column_names():
    assert len(PACKED) < 3_000


def test_what_is_large_is_not_squeezed_and_comes_back():
    batch, _ = to_batch([a_sale(number, register_id=f"R{number}") for number in range(6_000)])
    packed = pack(batch)
    assert len(packed) > 256 << 10
    assert_frame_equal(unpack(packed).transactions, batch.transactions)
