"""How one receipt was paid: with what, how much came back out of the drawer, what was undone."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel
from shrinkwatch.records.transaction import TENDER_TYPES

CASH = TENDER_TYPES.index("cash")
CREDIT = TENDER_TYPES.index("credit")
DEBIT = TENDER_TYPES.index("debit")
GIFT_CARD = TENDER_TYPES.index("gift_card")
STORE_CREDIT = TENDER_TYPES.index("store_credit")
COUPON = TENDER_TYPES.index("coupon")


class Tenders(NamedTuple):
    """The tenders of a batch, sorted by transaction; amounts positive towards the till."""

    type: NDArray[np.uint8]
    amount: NDArray[np.int64]
    change: NDArray[np.bool_]
    voided: NDArray[np.bool_]
    card: NDArray[np.uint64]


class Paid(NamedTuple):
    """Outputs of `add_tenders`, one element per transaction; names are the catalogue's."""

    cash_minor: NDArray[np.int64]
    card_minor: NDArray[np.int64]
    cash_refund_minor: NDArray[np.int64]
    card_refund_minor: NDArray[np.int64]
    gift_card_refund_minor: NDArray[np.int64]
    gift_card_tender_minor: NDArray[np.int64]
    coupon_tender_minor: NDArray[np.int64]
    other_tender_minor: NDArray[np.int64]
    change_minor: NDArray[np.int64]
    voided_tender_minor: NDArray[np.int64]
    voided_cash_minor: NDArray[np.int64]
    paid_cards: NDArray[np.int32]


@kernel
def add_tenders(
    first: NDArray[np.int64], tenders: Tenders, known: NDArray[np.bool_], out: Paid
) -> None:
    """Fill the sums per transaction; those whose tenders are not `known` stay unknown."""
    net = np.zeros(5, dtype=np.int64)
    back = np.zeros(5, dtype=np.int64)
    for i in range(first.size - 1):
        if not known[i]:
            continue
        net[:] = 0
        back[:] = 0
        change, voided, voided_cash = 0, 0, 0
        for j in range(first[i], first[i + 1]):
            amount, purse = tenders.amount[j], purse_of(tenders.type[j])
            if tenders.voided[j]:
                voided += abs(amount)
                voided_cash += abs(amount) if purse == 0 else 0
                continue
            net[purse] += amount
            if tenders.change[j]:
                change -= amount
            elif amount < 0:
                back[purse] -= amount
        out.cash_minor[i], out.card_minor[i], out.gift_card_tender_minor[i] = net[0], net[1], net[2]
        out.coupon_tender_minor[i], out.other_tender_minor[i] = net[3], net[4]
        out.cash_refund_minor[i], out.card_refund_minor[i] = back[0], back[1]
        out.gift_card_refund_minor[i], out.change_minor[i] = back[2], change
        out.voided_tender_minor[i], out.voided_cash_minor[i] = voided, voided_cash
        out.paid_cards[i] = distinct_cards(first[i], first[i + 1], tenders)


@kernel
def purse_of(tender_type: int) -> int:
    """Return 0 cash, 1 card, 2 gift card or store credit, 3 coupon, 4 anything else."""
    if tender_type == CASH:
        return 0
    if tender_type in (CREDIT, DEBIT):
        return 1
    if tender_type in (GIFT_CARD, STORE_CREDIT):
        return 2
    return 3 if tender_type == COUPON else 4


@kernel
def distinct_cards(start: int, stop: int, tenders: Tenders) -> int:
    """Return how many different card tokens the live tenders show."""
    cards = 0
    for j in range(start, stop):
        fresh = tenders.card[j] != 0 and not tenders.voided[j]
        for k in range(start, j):
            fresh = fresh and (tenders.card[k] != tenders.card[j] or tenders.voided[k])
        cards += fresh
    return cards
