"""A cashier swaps the cash of a finished sale for a coupon, a voucher or a gift card, and keeps it.

How: the customer pays in cash and leaves; before the receipt is closed the cash tender is voided
and replaced by a coupon or voucher that does not exist, or by a gift card that a customer left
behind. The books agree, the goods are sold, and the cash is free to go.

Numbers: coupon, voucher (`other`) and gift card in equal parts; SCHEMES' 12 is the indicator. Our
assumption.

Hidden: the same a third as often, and never more than 15.00: no voucher of that size is asked for.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from shrinkwatch.world.evasions import rare
from shrinkwatch.world.gift_cards import paid_by
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

INSTEAD = ("coupon", "other", "gift_card")


def steal(
    ledger: Ledger, thief: Thief, habit: Habit, scene: Scene, rng: np.random.Generator
) -> Theft:
    """Return the ledger with the cash of some sales voided and something else in its place."""
    suitable = quiet_cash_sales(own_work(ledger, thief), habit, idle_s=20)
    chosen = moments(suitable, thief, habit, rng)
    if chosen.is_empty():
        return nothing(ledger)
    kind = pl.Series(rng.choice(np.array(INSTEAD), chosen.height))
    swapped = ledger.mark(chosen["tx"], refused="cash")
    for name in INSTEAD[:2]:
        swapped = swapped.mark(chosen.filter(kind == name)["tx"], pay=name)
    given = chosen.filter(kind == "gift_card")
    numbers = scene.first_gift_card + np.arange(given.height)
    card = given.select("tx", card_no=pl.Series(numbers, dtype=pl.Int32))
    return Theft(paid_by(swapped, card), chosen.select("tx", loss="net"))


HABIT = Habit(shift_share=0.55, per_shift=1.7, least_minor=500, most_minor=7_000)

SCHEME = Scheme(
    id="tender_swap",
    number=12,
    actor="operator",
    habit=HABIT,
    steal=steal,
    evasive=Evasion("under_limit", replace(rare(HABIT), most_minor=1_500), steal),
    lookalikes=("terminal_trouble",),
)
