"""A batch as bytes, and back."""

from polars.testing import assert_frame_equal

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.payload import pack, unpack
from shrinkwatch.records.batch import PARTS, Batch


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
