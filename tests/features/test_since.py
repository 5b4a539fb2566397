"""Time since the last void, refund or drawer opening, by hand."""

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.tables import Tables

from .tills import at, batch_of, transaction


def test_a_drawer_opened_after_a_void_by_the_same_hands_is_seen() -> None:
    rows = [
        transaction(transaction_id="1", type="void", operator_id="7", net_minor=-3_110),
        transaction(
            transaction_id="2", type="no_sale", operator_id="7", net_minor=0, ended_at=at(1.5)
        ),
        transaction(
            transaction_id="3", type="no_sale", operator_id="8", net_minor=0, ended_at=at(2)
        ),
    ]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["register_since_void_s"].to_list() == [None, 90, 120]
    assert frame["register_last_void_same_operator"].to_list() == [None, True, False]
    assert frame["register_last_void_minor"].to_list() == [None, 3_110, 3_110]
    assert frame["operator_since_void_s"].to_list() == [None, 90, None]
    assert frame["register_since_no_sale_s"].to_list() == [None, None, 30]


def test_a_record_that_comes_late_does_not_know_what_happened_after_it() -> None:
    rows = [
        transaction(transaction_id="1", type="void", ended_at=at(60)),
        transaction(transaction_id="2", type="void", ended_at=at(0)),
        transaction(transaction_id="3", type="no_sale", ended_at=at(61)),
    ]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["register_since_void_s"].to_list() == [None, None, 60]


def test_training_leaves_no_trace() -> None:
    rows = [
        transaction(transaction_id="1", type="void", training=True),
        transaction(transaction_id="2", ended_at=at(1)),
    ]
    frame = FeatureStream.new(Tables()).advance(batch_of(*rows))
    assert frame["register_since_void_s"].to_list() == [None, None]
