"""Post-voids against their originals."""

import polars as pl

from shrinkwatch.journal.columns import to_batch
from shrinkwatch.journal.post_voids import not_negative, voids_of
from shrinkwatch.records.transaction import Original


def nets(**by_key):
    return pl.DataFrame(
        {"tx_key": list(by_key.values()), "net_minor": [100] * len(by_key)},
        schema={"tx_key": pl.UInt64, "net_minor": pl.Int64},
    )


def voids(*rows):
    schema = {"original_key": pl.UInt64, "net_minor": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_only_those_that_differ_from_a_known_original_count():
    assert not_negative([voids((1, -100), (2, -90)), voids((3, -100))], nets(a=1, b=2)) == 1


def test_no_post_voids_are_no_trouble():
    assert not_negative([], nets()) == 0


def test_only_voids_that_name_an_original_are_looked_at(sale):
    original = Original(transaction_id="T9")
    records = [
        sale(1),
        sale(2, type="void", net="-12.50", original=original),
        sale(3, type="void", net="-1.00"),
        sale(4, type="return", net="-1.00", original=original),
    ]
    batch, _ = to_batch(records)
    assert voids_of(batch.transactions)["net_minor"].to_list() == [-1250]
