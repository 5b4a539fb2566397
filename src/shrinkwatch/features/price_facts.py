"""What was done to the prices of one receipt, who approved it, and which product stands out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shrinkwatch.features.kernel import kernel
from shrinkwatch.features.line_facts import Lines, takes_back
from shrinkwatch.records.transaction import PRICE_CHANGE_TYPES

OVERRIDE = PRICE_CHANGE_TYPES.index("override")
MANUAL = PRICE_CHANGE_TYPES.index("manual_discount")
COUPON = PRICE_CHANGE_TYPES.index("coupon")
MARKDOWN = PRICE_CHANGE_TYPES.index("markdown")
WHOLE_RECEIPT = -(2**63)


class Changes(NamedTuple):
    """The price changes of a batch, sorted by transaction.

    `line` is WHOLE_RECEIPT (unknown) for a change on the whole transaction; `amount` is as the
    till writes it, negative where it lowers the price; `approver` a person's key, 0 for none.
    """

    line: NDArray[np.int64]
    type: NDArray[np.uint8]
    amount: NDArray[np.int64]
    approver: NDArray[np.uint64]


class Lowered(NamedTuple):
    """Outputs of `add_changes` per line: by override and by hand, positive = lowered."""

    override: NDArray[np.int64]
    manual: NDArray[np.int64]


class Coupons(NamedTuple):
    """Outputs of `count_coupons`, one element per transaction."""

    coupons: NDArray[np.int32]
    whole_coupons: NDArray[np.int32]


class Approval(NamedTuple):
    """Outputs of `see_approvals`, one element per transaction."""

    changes_without_approver: NDArray[np.int8]
    self_approved: NDArray[np.int8]


class Reductions(NamedTuple):
    """Outputs of `see_reductions`, one element per transaction."""

    override_lines: NDArray[np.int32]
    override_depth: NDArray[np.float64]
    manual_discount_lines: NDArray[np.int32]
    manual_discount_share: NDArray[np.float64]


@kernel
def place_of(number: int, start: int, stop: int, numbers: NDArray[np.int64]) -> int:
    """Return where the line with this number stands, or −1; lines mostly count up from 1."""
    guess = start + number - 1
    if start <= guess < stop and numbers[guess] == number:
        return guess
    for j in range(start, stop):
        if numbers[j] == number:
            return j
    return -1


@kernel
def add_changes(
    first_change: NDArray[np.int64],
    first_line: NDArray[np.int64],
    changes: Changes,
    numbers: NDArray[np.int64],
    voided: NDArray[np.bool_],
    totals: NDArray[np.int64],
    whole_manual: NDArray[np.int32],
    lowered: Lowered,
) -> None:
    """Add each change to its transaction's total by type and to its line.

    totals: (types, transactions), positive = lowered; changes of voided lines count nowhere.
    whole_manual: how many manual discounts are on the whole transaction.
    """
    for i in range(first_change.size - 1):
        for c in range(first_change[i], first_change[i + 1]):
            kind, amount = changes.type[c], -changes.amount[c]
            if changes.line[c] == WHOLE_RECEIPT:
                totals[kind, i] += amount
                whole_manual[i] += kind == MANUAL
                continue
            j = place_of(changes.line[c], first_line[i], first_line[i + 1], numbers)
            if j >= 0 and voided[j]:
                continue
            totals[kind, i] += amount
            if j >= 0 and kind == OVERRIDE:
                lowered.override[j] += amount
            elif j >= 0 and kind == MANUAL:
                lowered.manual[j] += amount


@kernel
def add_own_markdowns(
    first_change: NDArray[np.int64],
    first_line: NDArray[np.int64],
    changes: Changes,
    numbers: NDArray[np.int64],
    voided: NDArray[np.bool_],
    operator: NDArray[np.uint64],
    approvers_told: NDArray[np.bool_],
    own_minor: NDArray[np.int64],
) -> None:
    """Fill the markdowns, positive = lowered, that the operator of the receipt had made.

    A markdown's approver is who marked the goods down. approvers_told: whether the feed has ever
    named one; until then, and where the operator is nobody, it stays unknown.
    """
    for i in range(first_change.size - 1):
        if operator[i] == 0 or not approvers_told[i]:
            continue
        own = 0
        for c in range(first_change[i], first_change[i + 1]):
            if changes.type[c] != MARKDOWN or changes.approver[c] != operator[i]:
                continue
            j = -1
            if changes.line[c] != WHOLE_RECEIPT:
                j = place_of(changes.line[c], first_line[i], first_line[i + 1], numbers)
            if j < 0 or not voided[j]:
                own -= changes.amount[c]
        own_minor[i] = own


@kernel
def count_coupons(
    first_change: NDArray[np.int64],
    first_line: NDArray[np.int64],
    changes: Changes,
    numbers: NDArray[np.int64],
    voided: NDArray[np.bool_],
    out: Coupons,
) -> None:
    """Fill how many coupons were taken and how many of them are on no line."""
    for i in range(first_change.size - 1):
        taken, whole = 0, 0
        for c in range(first_change[i], first_change[i + 1]):
            if changes.type[c] != COUPON:
                continue
            if changes.line[c] == WHOLE_RECEIPT:
                taken += 1
                whole += 1
                continue
            j = place_of(changes.line[c], first_line[i], first_line[i + 1], numbers)
            taken += j < 0 or not voided[j]
        out.coupons[i], out.whole_coupons[i] = taken, whole


@kernel
def see_approvals(
    first: NDArray[np.int64],
    changes: Changes,
    operator: NDArray[np.uint64],
    approver: NDArray[np.uint64],
    approvers_told: NDArray[np.bool_],
    out: Approval,
) -> None:
    """Fill whether an override or discount by hand had no approver, and whether its operator was.

    approver: of the whole transaction, it covers every change. approvers_told: whether the feed
    has ever named one; until then their absence says nothing.
    """
    for i in range(first.size - 1):
        by_hand, bare = False, False
        own = approver[i] != 0 and approver[i] == operator[i]
        named = approver[i] != 0
        for c in range(first[i], first[i + 1]):
            if changes.type[c] == OVERRIDE or changes.type[c] == MANUAL:
                by_hand = True
                bare = bare or (changes.approver[c] == 0 and approver[i] == 0)
                named = named or changes.approver[c] != 0
                own = own or (changes.approver[c] != 0 and changes.approver[c] == operator[i])
        if approvers_told[i]:
            out.changes_without_approver[i] = np.int8(by_hand and bare)
        if named and operator[i] != 0:
            out.self_approved[i] = np.int8(own)


@kernel
def see_reductions(
    first: NDArray[np.int64],
    lines: Lines,
    lowered: Lowered,
    known: NDArray[np.bool_],
    whole_manual: NDArray[np.int32],
    list_value_minor: NDArray[np.int64],
    manual_minor: NDArray[np.int64],
    out: Reductions,
) -> None:
    """Fill how many lines were lowered by hand and how deep."""
    for i in range(first.size - 1):
        if not known[i]:
            continue
        overridden, by_hand, amount, value = 0, 0, 0, 0.0
        for j in range(first[i], first[i + 1]):
            by_hand += lowered.manual[j] != 0
            if lowered.override[j] != 0:
                overridden += 1
                amount += lowered.override[j]
                value += abs(lines.list_value[j])
        out.override_lines[i] = overridden
        out.manual_discount_lines[i] = by_hand + whole_manual[i]
        if value > 0:
            out.override_depth[i] = amount / value
        if list_value_minor[i] > 0:
            out.manual_discount_share[i] = manual_minor[i] / list_value_minor[i]


@kernel
def focus_lines(
    first: NDArray[np.int64], lines: Lines, lowered: Lowered, focus: NDArray[np.int64]
) -> None:
    """Fill the place of the line that stands out, −1 where there is none.

    It is the live line lowered most by hand, else the largest return, else the largest amount;
    of equals the first.
    """
    for i in range(first.size - 1):
        best, best_rank, best_size = -1, -1, -1
        for j in range(first[i], first[i + 1]):
            if lines.voided[j]:
                continue
            by_hand = lowered.override[j] + lowered.manual[j]
            if by_hand > 0:
                rank, size = 2, by_hand
            elif takes_back(lines.kind[j], lines.quantity[j]):
                rank, size = 1, abs(lines.extended[j])
            else:
                rank, size = 0, abs(lines.extended[j])
            if rank > best_rank or (rank == best_rank and size > best_size):
                best, best_rank, best_size = j, rank, size
        focus[i] = best
