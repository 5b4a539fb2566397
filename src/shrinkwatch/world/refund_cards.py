"""Honest refunds on gift cards, and what those cards buy.

Two credit notes in five are loaded on a gift card, and an employee who brings something back gets
a gift card mostly. Who was given one spends it on the next own visit that it covers. All our
assumption.
"""

import polars as pl

from shrinkwatch.world.gift_cards import FIRST_REFUND, PER_STORE, paid_by
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import FIRST_EMPLOYEE, HOUSE_CARD
from shrinkwatch.world.spending import covered
from shrinkwatch.world.visits import Site

OF_CREDIT = 0.4
OF_EMPLOYEES = 0.7
SPENT = 0.7
LEAST_SHARE = 0.2
WITHIN_S = 60 * 86_400
"""A card is used for a purchase of a fifth of what is on it, or more, within two months."""


def refund_cards(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with some refunds on gift cards, most of which are spent later."""
    rng = site.rng
    back = ledger.tx.filter(pl.col("type") == "return", pl.col("pay").is_not_null())
    own = (pl.col("shopper") % PER_STORE).is_between(FIRST_EMPLOYEE, HOUSE_CARD - 1)
    lot = pl.Series(rng.random(back.height))
    chosen = back.filter(
        ((pl.col("pay") == "store_credit") & (lot < OF_CREDIT)) | (own & (lot < OF_EMPLOYEES))
    ).select(
        "tx",
        "shopper",
        since="start",
        card_no=site.shop.index * PER_STORE + FIRST_REFUND + pl.int_range(pl.len(), dtype=pl.Int32),
    )
    face = ledger.keep(chosen["tx"]).worth().select("tx", face=-pl.col("net"))
    loaded = paid_by(ledger, chosen.select("tx", "card_no"))
    cards = chosen.join(face, on="tx", maintain_order="left").drop("tx")
    return paid_by(
        loaded, _spent(ledger, cards.filter(pl.Series(rng.random(cards.height) < SPENT)))
    )


def _spent(ledger: Ledger, cards: pl.DataFrame) -> pl.DataFrame:
    """Return `tx, card_no`: the first later purchase of the same shopper that a card covers."""
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("shopper").is_in(cards["shopper"].drop_nulls().implode()),
        ~pl.col("tx").is_in(ledger.tx["original"].drop_nulls().implode()),
    ).select("tx", "shopper", "start")
    worth = sales.join(ledger.keep(sales["tx"]).worth(), on="tx", maintain_order="left")
    return covered(cards, worth, LEAST_SHARE, WITHIN_S, by="shopper")
