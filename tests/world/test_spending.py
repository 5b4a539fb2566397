"""What a card buys later."""

import polars as pl

from shrinkwatch.world.spending import covered

CARDS = pl.DataFrame(
    {"card_no": [1, 2], "face": [1000, 500], "since": [0, 10_000], "shopper": [7, 8]}
)
SALES = pl.DataFrame(
    {
        "tx": [10, 11, 12, 13],
        "start": [300, 5_000, 20_000, 20_500],
        "net": [900, 1001, 400, 450],
        "shopper": [7, 7, 7, 8],
    }
)


def test_the_first_sale_that_a_card_covers_after_ten_minutes() -> None:
    """10 is too soon and 11 too dear; both cards cover 12 first, and no sale is paid twice."""
    assert covered(CARDS, SALES, 0.1, 86_400).rows() == [(12, 1)]


def test_a_sale_must_be_worth_using_the_card_and_in_time() -> None:
    assert covered(CARDS, SALES, 0.8, 86_400).rows() == [(12, 2)]
    assert covered(CARDS, SALES, 0.1, 9_000).is_empty()


def test_where_only_the_owner_spends_each_card_has_its_own_sale() -> None:
    assert covered(CARDS, SALES, 0.1, 86_400, by="shopper").rows() == [(12, 1), (13, 2)]
