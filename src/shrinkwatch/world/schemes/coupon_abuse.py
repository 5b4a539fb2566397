"""A cashier keys coupons for goods that nobody bought, and keeps the cash that they replace.

How: the customer pays the full sum in cash and leaves; before the sale is closed, coupons cut from
a paper are keyed on the whole receipt. Their goods are not in the basket, and the same few coupons
come back in basket after basket.

Numbers: three to six coupons at the till, two to four keyed at a time, 1.00 to 2.00 each as honest
ones are (`shrinkwatch.world.coupons`). Our assumption; the indicator (coupon without its item, one
coupon in many baskets) is SCHEMES' 25.

Hidden: one coupon at a time, for something that the customer did buy.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.coupons import WORTH_MINOR, maker_code
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.theft import (
    Evasion,
    Habit,
    Scene,
    Scheme,
    Theft,
    Thief,
    moments,
    nothing,
    own_work,
    quiet_cash_sales,
)

AT_HAND = (3, 7)
KEYED = (2, 5)
WORTHWHILE_MINOR = 100


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with coupons on whole receipts, for goods that are not on them."""
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=20)
    chosen = moments(suitable.filter(pl.col("exempt").is_null()), thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    mine = rng.choice(scene.stocked, int(rng.integers(*AT_HAND)))
    tx = np.repeat(chosen["tx"].to_numpy(), rng.integers(*KEYED, chosen.height))
    worth = np.array([minor for minor in WORTH_MINOR if minor >= WORTHWHILE_MINOR])
    keyed = pl.DataFrame(
        {"tx": tx, "item": rng.choice(mine, tx.size), "amount": -rng.choice(worth, tx.size)}
    )
    changes = keyed.filter(-pl.col("amount").cum_sum().over("tx") <= habit.least_minor // 2)
    return _signed_off(ledger, changes.with_columns(line=pl.lit(None, dtype=pl.Int32)))


def hidden(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with one coupon each for the dearest line without a price change."""
    del scene
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=20)
    plain = (
        ledger.keep(suitable["tx"])
        .lines.filter(~pl.col("voided"), pl.col("kind") == "item")
        .join(ledger.changes, on=["tx", "line"], how="anti", maintain_order="left")
        .filter(pl.col("quantity") * pl.col("price") >= 2 * max(WORTH_MINOR))
        .sort("tx", "price", "line", descending=[False, True, False])
        .unique("tx", keep="first", maintain_order=True)
    )
    matching = suitable.filter(pl.col("exempt").is_null()).join(
        plain.select("tx", "line", "item"), on="tx", maintain_order="left"
    )
    chosen = moments(matching, thief, habit, rng)
    worth = pl.Series(rng.choice(np.array(WORTH_MINOR), chosen.height), dtype=pl.Int64)
    return _signed_off(ledger, chosen.select("tx", "line", "item", amount=-worth))


def _signed_off(ledger: Ledger, coupons: pl.DataFrame) -> Theft:
    """Return the ledger with these coupons: `tx, line, item, amount`."""
    changes = coupons.select(
        "tx", "line", "amount", type=pl.lit("coupon"), code=maker_code(pl.col("item"))
    )
    rows = changes.group_by("tx", maintain_order=True).agg(loss=-pl.col("amount").sum())
    return Theft(ledger.plus(Ledger.of(changes=changes)), rows)


HABIT = Habit(shift_share=0.6, per_shift=2.6, least_minor=1_200, most_minor=15_000)

SCHEME = Scheme(
    id="coupon_abuse",
    number=25,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("matching_item", replace(HABIT, per_shift=2.0), hidden),
    lookalikes=("promotion_day",),
)
