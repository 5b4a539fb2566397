"""A cashier activates gift cards that nobody paid for, and they are spent days later.

How: in a quiet moment a gift card is rung; the tender is entered as "other" (a voucher that does
not exist), or cash is entered, voided and replaced by "other". The card is live, the till is not
short, and a friend drains it within a week.

Numbers: face values of 25-100; half drained within a week at the same store. Our assumption;
the indicator is SCHEMES' 27.

Hidden: cards of 10 and 25, no cash voided before, and spent in another town or never.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.gift_cards import ALONE_TOTAL_S
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import quiet_moments
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    moments,
    own_work,
    seconds,
)

FACE_MINOR = (2_500, 5_000, 5_000, 7_500, 10_000)
SMALL_MINOR = (1_000, 2_500)
TENDER_VOIDED = 0.4
DRAINED = 0.5


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with unpaid gift cards activated, and some of them spent."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=50), thief, habit, rng)
    theft, cards = _activated(ledger, chosen, scene, FACE_MINOR, TENDER_VOIDED, rng)
    return Theft(_drained(theft.ledger, cards, rng), theft.rows)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with small gift cards activated that are not spent there."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=50), thief, habit, rng)
    return _activated(ledger, chosen, scene, SMALL_MINOR, 0.0, rng)[0]


def _activated(
    ledger: Ledger,
    chosen: pl.DataFrame,
    scene: Scene,
    faces: tuple[int, ...],
    cash_first: float,
    rng: np.random.Generator,
) -> tuple[Theft, pl.DataFrame]:
    """Return the ledger with unpaid gift cards activated, and `card_no, face, since` of them."""
    count = chosen.height
    numbers = ledger.next_numbers(count)
    card = scene.first_gift_card + np.arange(count)
    face = rng.choice(np.array(faces), count)
    voided = pl.Series(rng.random(count) < cash_first)
    tx = chosen.select(
        pl.Series("tx", numbers),
        "register",
        "operator",
        "day",
        start=pl.col("start") + pl.col("length") + pl.Series(10 + seconds(rng, count, 20.0)),
        total_at=pl.lit(ALONE_TOTAL_S),
        length=ALONE_TOTAL_S + pl.Series(rng.integers(8, 30, count)),
        pay=pl.lit("other"),
        refused=pl.when(voided).then(pl.lit("cash")),
    )
    lines = pl.DataFrame(
        {
            "tx": numbers,
            "line": 1,
            "kind": "gift_card",
            "item": scene.gift_card_item,
            "price": face,
            "at": 4,
            "gift_card": card,
        }
    )
    activated = Theft(
        ledger.plus(Ledger.of(tx=tx, lines=lines)), pl.DataFrame({"tx": numbers, "loss": face})
    )
    return activated, pl.DataFrame({"card_no": card, "face": face, "since": tx["start"]})


def _drained(ledger: Ledger, cards: pl.DataFrame, rng: np.random.Generator) -> Ledger:
    """Return the ledger with later small sales of the store paid by some of those cards."""
    cards = cards.filter(pl.Series(rng.random(cards.height) < DRAINED, dtype=pl.Boolean))
    sales = ledger.tx.filter(
        pl.col("type") == "sale", pl.col("status") == "completed", pl.col("pay") == "cash"
    ).join(ledger.worth(), on="tx", maintain_order="left")
    pairs = (
        cards.join(sales.select("tx", "start", "net"), how="cross")
        .filter(
            (pl.col("start") - pl.col("since")).is_between(86_400, 7 * 86_400),
            pl.col("net") <= pl.col("face"),
            pl.col("net") >= pl.col("face") * 0.5,
        )
        .sort("card_no", "start", "tx")
        .unique("card_no", keep="first", maintain_order=True)
        .unique("tx", keep="first", maintain_order=True)
    )
    spent = ledger.tx.join(
        pairs.select("tx", "card_no"), on="tx", how="left", maintain_order="left"
    )
    here = pl.col("card_no").is_not_null()
    return ledger.with_tx(
        spent.with_columns(
            pay=pl.when(here).then(pl.lit("gift_card")).otherwise(pl.col("pay").cast(pl.String)),
            gift_card=pl.when(here).then("card_no").otherwise("gift_card"),
        )
    )


HABIT = Habit(shift_share=0.4, per_shift=1.4, least_minor=2_500, most_minor=10_000)

SCHEME = Scheme(
    id="gift_card_activation",
    number=27,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("under_limit", HABIT, hidden),
    lookalikes=("terminal_trouble",),
)
