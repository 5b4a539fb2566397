"""A feed's silence is not an all-clear."""

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import batch_of, transaction


def test_drawer_openings_are_unknown_until_the_feed_sends_one() -> None:
    opened = [{"type": "drawer_open"}]
    rows = [
        transaction(transaction_id="1"),
        transaction(transaction_id="2", events=opened),
        transaction(transaction_id="3"),
        transaction(transaction_id="4", source="other"),
        transaction(transaction_id="5", source="other", events=opened * 2),
    ]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["drawer_opens"].to_list() == [None, 1, 0, None, 2]
    assert frame["assists"].to_list() == [None] * 5


def test_that_no_receipt_was_named_is_unknown_until_the_feed_names_one() -> None:
    rows = [
        transaction(transaction_id="1", type="return"),
        transaction(transaction_id="2", type="void") | {"original_sequence": 12},
        transaction(transaction_id="3", type="return"),
        transaction(transaction_id="4", type="return") | {"original_sequence": 13},
        transaction(transaction_id="5", type="return"),
        transaction(transaction_id="6", type="void"),
        transaction(transaction_id="7", type="return", source="other"),
    ]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["original_named"].to_list() == [None, True, None, True, False, False, None]
