"""What a card, or a credit note, buys later: the first purchase that it covers."""

import polars as pl


def covered(
    cards: pl.DataFrame,
    sales: pl.DataFrame,
    least_share: float,
    within_s: int,
    by: str | None = None,
) -> pl.DataFrame:
    """Return `tx, card_no`: for each card one later sale that it covers; no sale twice.

    cards: `card_no, face, since` (minor units; local seconds). sales: `tx, start, net`. A sale is
    at least `least_share` of what is on the card and begins within so many seconds after it was
    loaded. by: a column of both that must be equal, as `shopper`; None where anybody may spend.
    """
    pairs = cards.join(sales, on=by, how="inner") if by else cards.join(sales, how="cross")
    return (
        pairs.filter(
            (pl.col("start") - pl.col("since")).is_between(600, within_s),
            pl.col("net") <= pl.col("face"),
            pl.col("net") >= pl.col("face") * least_share,
        )
        .sort("card_no", "start", "tx")
        .unique("card_no", keep="first", maintain_order=True)
        .unique("tx", keep="first", maintain_order=True)
        .select("tx", "card_no")
    )
