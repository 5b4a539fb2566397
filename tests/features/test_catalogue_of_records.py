"""What a record says by itself is told as well as what features add."""

from shrinkwatch.features.catalogue_of_records import RECORDED
from shrinkwatch.records.batch import TRANSACTION_COLUMNS


def test_every_column_of_a_transaction_has_a_sentence() -> None:
    assert {one.name: one.dtype for one in RECORDED} == TRANSACTION_COLUMNS
    assert all(one.sentence for one in RECORDED)
