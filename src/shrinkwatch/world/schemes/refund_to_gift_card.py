"""An employee loads refunds of other people's purchases on gift cards, and shops with them.

How: a receipt that a customer left is used to "return" its dearest item; the money goes on a new
gift card. Days later the card pays for the employee's own staff purchase, or for a purchase of the
household at which the employee's loyalty card is shown.

Numbers: receipts up to 20 days old; two cards in three are spent in the same store within three
weeks. Our assumption; the indicator (refund to a gift card that is spent with an employee's card
or loyalty id) is SCHEMES' 18.

Hidden: a friend spends the cards, and no name is shown.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.gift_cards import paid_by
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.refunds import (
    dearest_lines,
    earlier_sales,
    quiet_moments,
    reasons,
    refunds_after,
    returned,
)
from shrinkwatch.world.shoppers import FIRST_EMPLOYEE
from shrinkwatch.world.spending import covered
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    from_some,
    moments,
    nothing,
    own_work,
)

BORROWED_CODE = 0.5
OLDEST_DAYS = 20
SPENT = 0.65
SPENT_WITHIN_S = 21 * 86_400
LEAST_SHARE = 0.4


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds on gift cards that buy for the thief's household."""
    theft, cards = _loaded(ledger, thief, habit, scene, rng)
    me = scene.first_shopper + FIRST_EMPLOYEE + thief.actor
    worth = _open_to_cards(theft.ledger, thief, theft.rows["tx"])
    own = covered(cards, worth.filter(pl.col("shopper") == me), LEAST_SHARE / 4, SPENT_WITHIN_S)
    left = cards.join(own, on="card_no", how="anti", maintain_order="left")
    home = covered(left, _strangers(worth), LEAST_SHARE, SPENT_WITHIN_S)
    shown = paid_by(theft.ledger.mark(home["tx"], shopper=me, loyalty=me), home)
    return Theft(paid_by(shown, own), theft.rows)


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with refunds on gift cards that somebody without a name spends."""
    theft, cards = _loaded(ledger, thief, habit, scene, rng)
    sales = _strangers(_open_to_cards(theft.ledger, thief, theft.rows["tx"]))
    return Theft(
        paid_by(theft.ledger, covered(cards, sales, LEAST_SHARE, SPENT_WITHIN_S)), theft.rows
    )


def _loaded(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> tuple[Theft, pl.DataFrame]:
    """Return the ledger with the refunds, and `card_no, face, since` of the cards that are used."""
    chosen = moments(quiet_moments(own_work(ledger, thief), idle_s=75), thief, habit, rng)
    pairs = earlier_sales(_sales(ledger, thief, habit), chosen, OLDEST_DAYS, 0, rng)
    if pairs.is_empty():
        return nothing(ledger), pairs.select(card_no="item", face="extended", since="start")
    count = pairs.height
    numbers = ledger.next_numbers(count)
    card = pl.Series(scene.first_gift_card + np.arange(count), dtype=pl.Int32)
    at = pairs.select(tx="moment").join(chosen, on="tx", maintain_order="left")
    tx = refunds_after(at, numbers, rng).with_columns(
        original=pairs["tx"],
        pay=pl.lit("gift_card"),
        gift_card=card,
        approver=from_some(rng, scene.approvers, count, BORROWED_CODE),
    )
    scanned = pl.Series(["scan"] * count)
    lines = returned(pairs.with_columns(tx=pl.Series(numbers)), reasons(count, rng), scanned)
    rows = pl.DataFrame({"tx": numbers, "loss": pairs["extended"]})
    cards = pl.DataFrame({"card_no": card, "face": pairs["extended"], "since": tx["start"]})
    used = cards.filter(pl.Series(rng.random(count) < SPENT))
    return Theft(ledger.plus(Ledger.of(tx=tx, lines=lines)), rows), used


def _sales(ledger: Ledger, thief: Thief, habit: Habit) -> pl.DataFrame:
    """Return `tx, day, start, item, quantity, extended` of sales with a dear item."""
    used = pl.concat(
        [ledger.tx["original"].drop_nulls(), pl.Series(thief.spoken_for, dtype=pl.Int64)]
    )
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        ~pl.col("training"),
        ~pl.col("employee_sale"),
        ~pl.col("tx").is_in(used.implode()),
    )
    dear = dearest_lines(ledger.keep(sales["tx"]), habit.least_minor, habit.most_minor)
    return sales.select("tx", "day", "start").join(
        dear.select("tx", "item", "quantity", "extended"), on="tx", maintain_order="left"
    )


def _open_to_cards(ledger: Ledger, thief: Thief, stolen: pl.Series) -> pl.DataFrame:
    """Return the sales that colleagues rang and that a gift card may pay for, with `net`."""
    used = pl.concat(
        [ledger.tx["original"].drop_nulls(), stolen, pl.Series(thief.spoken_for, dtype=pl.Int64)]
    )
    sales = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.col("operator") != thief.actor,
        pl.col("gift_card").is_null(),
        ~pl.col("training"),
        ~pl.col("tx").is_in(used.implode()),
    ).select("tx", "start", "shopper", "pay", "loyalty", "employee_sale", "exempt", "order")
    return sales.join(ledger.keep(sales["tx"]).worth(), on="tx", maintain_order="left")


def _strangers(sales: pl.DataFrame) -> pl.DataFrame:
    return sales.filter(
        pl.col("pay") == "cash",
        pl.col("loyalty").is_null(),
        ~pl.col("employee_sale"),
        pl.col("exempt").is_null(),
    )


HABIT = Habit(shift_share=0.45, per_shift=1.4, least_minor=1_500, most_minor=12_000)

SCHEME = Scheme(
    id="refund_to_gift_card",
    number=18,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("friend_spends", replace(HABIT, shift_share=0.35), hidden),
    at_desk=True,
    lookalikes=("service_desk",),
)
