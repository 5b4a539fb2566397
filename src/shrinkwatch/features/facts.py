"""What each receipt says about itself: every fact that needs no other receipt.

Each fact looks at one transaction's own lines, price changes, tenders and events. The one thing
carried from record to record is what the feed has ever told (`told.Told`).
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features import arrays, told
from shrinkwatch.features.arrays import Block, Columns
from shrinkwatch.features.catalogue_of_facts import EVENTS, LINES, PRICE_CHANGES, TENDERS
from shrinkwatch.features.joins import Joined
from shrinkwatch.features.line_facts import (
    Keyed,
    Lines,
    Pace,
    Sums,
    add_costs,
    add_up,
    see_entries,
    see_times,
    value_lines,
)
from shrinkwatch.features.price_facts import (
    COUPON,
    MANUAL,
    MARKDOWN,
    OVERRIDE,
    Approval,
    Changes,
    Coupons,
    Lowered,
    Reductions,
    add_changes,
    add_own_markdowns,
    count_coupons,
    focus_lines,
    see_approvals,
    see_reductions,
)
from shrinkwatch.features.tender_facts import Paid, Tenders, add_tenders
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.money import PRICE_DECIMALS, minor_decimals
from shrinkwatch.records.transaction import (
    EVENT_TYPES,
    PRICE_CHANGE_TYPES,
    STATUSES,
    TRANSACTION_TYPES,
)

Plain = dict[str, Columns]
Out = TypeVar("Out", bound=tuple[Any, ...])

TYPE = {name: code for code, name in enumerate(TRANSACTION_TYPES)}
STATUS = {name: code for code, name in enumerate(STATUSES)}
_WITH_GOODS = [TYPE[name] for name in ("sale", "return", "exchange", "void", "gift_card")]
_EFFECTIVE = [STATUS["completed"], STATUS["resumed"]]
_EVENTS = {
    "drawer_opens": "drawer_open",
    "price_inquiries": "price_inquiry",
    "weight_mismatches": "weight_mismatch",
    "assists": "assist",
    "suspends": "suspend",
    "overrides": "override",
    "age_checks": "age_check",
}
_CHANGES = {
    "override": "override_minor",
    "manual_discount": "manual_discount_minor",
    "promotion": "promotion_minor",
    "coupon": "coupon_minor",
    "employee": "employee_minor",
    "loyalty": "loyalty_minor",
    "markdown": "markdown_minor",
}
_TOLD_BY = {
    **{EVENT_TYPES.index(kind): (name,) for name, kind in _EVENTS.items()},
    **{told.CHANGES_FROM + code: (_CHANGES[kind],) for code, kind in enumerate(PRICE_CHANGE_TYPES)},
    told.CHANGES_FROM + OVERRIDE: ("override_minor", "override_lines", "override_depth"),
    told.CHANGES_FROM + MANUAL: (
        *("manual_discount_minor", "manual_discount_lines", "manual_discount_share"),
    ),
    told.CHANGES_FROM + COUPON: ("coupons", "whole_coupons"),
    told.CHANGES_FROM + MARKDOWN: ("markdown_own_minor",),
    told.VOIDED_LINE: ("voided_lines", "voided_minor"),
}
"""Columns that are unknown until the feed has told of such a thing, by the bit of `told`."""

_TENDER = ("type", "amount_minor", "change", "voided", "card_key")
_MADE = tuple(c for c in (*LINES, *PRICE_CHANGES, *TENDERS, *EVENTS) if c.name != "focus_sku")


class Facts(NamedTuple):
    """The facts of a batch: columns in blocks and by name.

    focus: (rows,) int64 row of the focus line in the batch's lines, −1 for none.
    """

    blocks: list[Block]
    columns: Columns
    focus: NDArray[np.int64]


class Rung(NamedTuple):
    """The lines of a batch, of which only a part is still asked for once its facts are known.

    first: (rows + 1,) offsets of the lines. override: (lines,) int64, lowered by override.
    """

    first: NDArray[np.int64]
    lines: Lines
    sku: NDArray[np.uint64]
    override: NDArray[np.int64]


def facts_of(
    batch: Batch, plain: Plain, joined: Joined, source: NDArray[np.int64], feeds: told.Told
) -> tuple[Facts, Rung]:
    """Return the facts of every transaction of the batch, and its lines.

    plain: the batch as arrays. source: (rows,) each transaction's feed, see `told.Told.places`.
    feeds: what the feeds have told so far; it learns from this batch.
    """
    tx, rows = plain["transactions"], len(batch)
    blocks = arrays.blank(_MADE, rows)
    out = arrays.by_name(blocks)
    first = {
        part: arrays.offsets(plain[part]["tx"], rows)
        for part in ("lines", "price_changes", "tenders", "events")
    }
    lines = _lines(plain["lines"], first["lines"], _minor_per_price(batch))
    bits = _shown(plain, first, joined)
    feeds.listen(source, bits)
    goods = arrays.among(tx["status"], _EFFECTIVE) & arrays.among(tx["type"], _WITH_GOODS)
    lines_known = ~goods | (np.diff(first["lines"]) > 0)
    _fill_lines(first["lines"], lines, lines_known, out)
    lowered = _fill_changes(plain, first, lines, joined, lines_known, out)
    see_approvals(
        first["price_changes"],
        _changes(plain, joined),
        joined.operator,
        joined.approver,
        told.has_told(bits, told.APPROVER),
        _pick(Approval, out),
    )
    add_own_markdowns(
        first["price_changes"],
        first["lines"],
        _changes(plain, joined),
        plain["lines"]["line"],
        lines.voided,
        joined.operator,
        told.has_told(bits, told.APPROVER),
        out["markdown_own_minor"],
    )
    _fill_tenders(plain["tenders"], first["tenders"], goods & (tx["net_minor"] != 0), out)
    _fill_events(first["events"], plain["events"]["type"], out)
    _forget_untold(bits, out)
    focus, sku = np.full(rows, -1, dtype=np.int64), plain["lines"]["sku_key"]
    focus_lines(first["lines"], lines, lowered, focus)
    in_focus = np.flatnonzero(focus >= 0)
    out["focus_sku_key"][in_focus] = sku[focus[in_focus]]
    return Facts(blocks, out, focus), Rung(first["lines"], lines, sku, lowered.override)


def focus_skus(batch: Batch, focus: NDArray[np.int64]) -> pl.Series:
    """Return the SKU at each focus line, null where there is none."""
    place = pl.Series(focus)
    skus = arrays.column(batch.lines, "sku", pl.String)
    return skus.gather(place.set(place < 0, None))


def _pick(kind: type[Out], columns: Columns) -> Out:
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    return kind(*(columns[name] for name in fields))


def _minor_per_price(batch: Batch) -> NDArray[np.float64]:
    """Return per transaction how many 1/10,000 of its currency's unit make one minor unit."""
    currency = arrays.column(batch.transactions, "currency", pl.String)
    if currency.null_count() == 0 and (currency == currency[0]).all():
        return np.full(len(batch), 10.0 ** (PRICE_DECIMALS - minor_decimals(currency[0])))
    names = currency.unique().drop_nulls().to_list()
    scale = [10.0 ** (PRICE_DECIMALS - minor_decimals(name)) for name in names]
    per_row = currency.replace_strict(names, scale, default=100.0, return_dtype=pl.Float64)
    return per_row.to_numpy(writable=True)


def _lines(lines: Columns, first: NDArray[np.int64], scale: NDArray[np.float64]) -> Lines:
    quantity, prices = lines["quantity"], (lines["list_price"], lines["unit_cost"])
    list_value, cost = (np.empty_like(quantity) for _ in prices)
    value_lines(first, quantity, prices[0], scale, list_value)
    value_lines(first, quantity, prices[1], scale, cost)
    return Lines(
        kind=lines["kind"],
        entry=lines["entry"],
        voided=lines["voided"],
        quantity=quantity,
        list_value=np.rint(list_value, out=list_value),
        cost=cost,
        extended=lines["extended_minor"],
        at=lines["at"],
        void_at=lines["void_at"],
    )


def _changes(plain: Plain, joined: Joined) -> Changes:
    changes = plain["price_changes"]
    return Changes(
        changes["line"], changes["type"], changes["amount_minor"], joined.change_approver
    )


def _shown(plain: Plain, first: Columns, joined: Joined) -> NDArray[np.int64]:
    """Return per transaction the bits of `told` that its own record shows."""
    bits = np.zeros(joined.operator.size, dtype=np.int64)
    events, changes, lines = plain["events"], plain["price_changes"], plain["lines"]
    told.collect(first["events"], events["type"], 0, bits)
    told.collect(first["price_changes"], changes["type"], told.CHANGES_FROM, bits)
    bits[joined.approver != 0] |= 1 << told.APPROVER
    bits[changes["tx"][joined.change_approver != 0]] |= 1 << told.APPROVER
    bits[lines["tx"][lines["voided"]]] |= 1 << told.VOIDED_LINE
    return bits


def _fill_lines(
    first: NDArray[np.int64], lines: Lines, known: NDArray[np.bool_], out: Columns
) -> None:
    add_up(first, lines, known, _pick(Sums, out))
    add_costs(first, lines, out["cost_minor"])
    see_entries(first, lines, _pick(Keyed, out))
    see_times(first, lines, out["units"], _pick(Pace, out))


def _fill_changes(
    plain: Plain,
    first: Columns,
    lines: Lines,
    joined: Joined,
    known: NDArray[np.bool_],
    out: Columns,
) -> Lowered:
    lowered = Lowered(*(np.zeros(lines.extended.size, dtype=np.int64) for _ in Lowered._fields))
    totals = np.zeros((len(PRICE_CHANGE_TYPES), known.size), dtype=np.int64)
    whole_manual = np.zeros(known.size, dtype=np.int32)
    add_changes(
        first["price_changes"],
        first["lines"],
        _changes(plain, joined),
        plain["lines"]["line"],
        lines.voided,
        totals,
        whole_manual,
        lowered,
    )
    count_coupons(
        first["price_changes"],
        first["lines"],
        _changes(plain, joined),
        plain["lines"]["line"],
        lines.voided,
        _pick(Coupons, out),
    )
    for code, kind in enumerate(PRICE_CHANGE_TYPES):
        np.copyto(out[_CHANGES[kind]], totals[code], where=known)
    see_reductions(
        first["lines"],
        lines,
        lowered,
        known,
        whole_manual,
        out["list_value_minor"],
        out["manual_discount_minor"],
        _pick(Reductions, out),
    )
    return lowered


def _fill_tenders(
    plain: Columns, first: NDArray[np.int64], money_moved: NDArray[np.bool_], out: Columns
) -> None:
    tenders = Tenders(*(plain[name] for name in _TENDER))
    add_tenders(first, tenders, ~money_moved | (np.diff(first) > 0), _pick(Paid, out))


def _fill_events(first: NDArray[np.int64], kinds: NDArray[np.uint8], out: Columns) -> None:
    counts = np.zeros((len(EVENT_TYPES), first.size - 1), dtype=np.int32)
    told.count_events(first, kinds, counts)
    for name, kind in _EVENTS.items():
        out[name][:] = counts[EVENT_TYPES.index(kind)]


def _forget_untold(bits: NDArray[np.int64], out: Columns) -> None:
    """Make unknown what the feed has never told of."""
    always = int(np.bitwise_and.reduce(bits))
    for what, names in _TOLD_BY.items():
        if always >> what & 1 == 0:
            untold = ~told.has_told(bits, what)
            for name in names:
                out[name][untold] = arrays.unknown_of(out[name].dtype)
