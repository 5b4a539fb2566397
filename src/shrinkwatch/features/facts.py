"""What each receipt says about itself: every fact that needs no other receipt.

Each fact looks at one transaction's own lines, price changes, tenders and events. The one thing
carried from record to record is what the feed has ever told (`told.Told`).
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features import arrays, told
from shrinkwatch.features.catalogue_of_facts import EVENTS, LINES, PRICE_CHANGES, TENDERS
from shrinkwatch.features.kernel import UNKNOWN_64
from shrinkwatch.features.line_facts import (
    Keyed,
    Lines,
    Pace,
    Sums,
    add_costs,
    add_up,
    see_entries,
    see_times,
)
from shrinkwatch.features.price_facts import (
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

Columns = dict[str, NDArray[Any]]
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
_OF_OVERRIDES = ("override_minor", "override_lines", "override_depth")
_OF_COUPONS = ("coupons", "whole_coupons")
_OF_DISCOUNTS = ("manual_discount_minor", "manual_discount_lines", "manual_discount_share")
_OF_VOIDS = ("voided_lines", "voided_minor")
_MADE = tuple(c for c in (*LINES, *PRICE_CHANGES, *TENDERS, *EVENTS) if c.name != "focus_sku")


class Facts(NamedTuple):
    """The facts of a batch: columns by name, and what the fold needs of the lines.

    focus: (rows,) int64 row of the focus line in the batch's lines, −1 for none.
    first_line: (rows + 1,) offsets of the lines. override: (lines,) int64, lowered by override.
    """

    columns: Columns
    focus: NDArray[np.int64]
    first_line: NDArray[np.int64]
    lines: Lines
    sku: NDArray[np.uint64]
    override: NDArray[np.int64]


def facts_of(
    batch: Batch,
    operator: NDArray[np.uint64],
    approver: NDArray[np.uint64],
    change_approver: NDArray[np.uint64],
    feeds: told.Told,
) -> Facts:
    """Return the facts of every transaction of the batch.

    operator, approver: (rows,) uint64 persons, 0 nobody. change_approver: (price changes,) uint64.
    feeds: what the feeds have told so far; it learns from this batch.
    """
    tx, rows = batch.transactions, len(batch)
    out: Columns = arrays.blank(_MADE, rows)
    first = {
        part: arrays.offsets(getattr(batch, part).get_column("tx"), rows)
        for part in ("lines", "price_changes", "tenders", "events")
    }
    lines = _lines(batch)
    changes = Changes(
        arrays.integers(batch.price_changes, "line"),
        arrays.codes(batch.price_changes, "type"),
        arrays.integers(batch.price_changes, "amount_minor"),
        change_approver,
    )
    bits = _shown(batch, first, lines, approver, change_approver)
    feeds.listen(tx.get_column("source"), bits)
    effective = np.isin(arrays.codes(tx, "status"), _EFFECTIVE)
    goods = effective & np.isin(arrays.codes(tx, "type"), _WITH_GOODS)
    lines_known = ~goods | (np.diff(first["lines"]) > 0)
    _fill_lines(first["lines"], lines, lines_known, out)
    lowered = _fill_changes(batch, first, lines, changes, lines_known, out)
    told_of_approvers = told.has_told(bits, told.APPROVER)
    see_approvals(
        first["price_changes"],
        changes,
        operator,
        approver,
        told_of_approvers,
        _pick(Approval, out),
    )
    add_own_markdowns(
        first["price_changes"],
        first["lines"],
        changes,
        arrays.integers(batch.lines, "line"),
        lines.voided,
        operator,
        told_of_approvers,
        out["markdown_own_minor"],
    )
    _fill_tenders(batch, first["tenders"], goods & (arrays.integers(tx, "net_minor") != 0), out)
    _fill_events(first["events"], arrays.codes(batch.events, "type"), out)
    _forget_untold(bits, out)
    focus = np.full(rows, -1, dtype=np.int64)
    focus_lines(first["lines"], lines, lowered, focus)
    sku = arrays.keys(batch.lines, "sku_key")
    out["focus_sku_key"] = np.where(focus >= 0, sku[focus], 0) if sku.size else out["focus_sku_key"]
    return Facts(out, focus, first["lines"], lines, sku, lowered.override)


def focus_skus(batch: Batch, focus: NDArray[np.int64]) -> pl.Series:
    """Return the SKU at each focus line, null where there is none."""
    place = pl.Series(focus)
    skus = arrays.column(batch.lines, "sku", pl.String)
    return skus.gather(pl.select(pl.when(place >= 0).then(place)).to_series()).alias("focus_sku")


def frame_of_facts(facts: Facts) -> pl.DataFrame:
    """Return the facts as columns with nulls, in the catalogue's order, without the SKU's name."""
    return arrays.frame_of(_MADE, facts.columns)


def _pick(kind: type[Out], columns: Columns) -> Out:
    fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    return kind(*(columns[name] for name in fields))


def _minor_per_price(batch: Batch) -> NDArray[np.float64]:
    """Return per line how many 1/10,000 of the currency's unit make one minor unit."""
    currency = arrays.column(batch.transactions, "currency", pl.String)
    names = currency.unique().drop_nulls().to_list()
    scale = [10.0 ** (PRICE_DECIMALS - minor_decimals(name)) for name in names]
    if len(set(scale)) == 1 and currency.null_count() == 0:
        return np.full(batch.lines.height, scale[0])
    per_row = currency.replace_strict(names, scale, default=100.0, return_dtype=pl.Float64)
    per_line: NDArray[np.float64] = per_row.to_numpy()[batch.lines.get_column("tx").to_numpy()]
    return per_line


def _priced(lines: pl.DataFrame, name: str, scale: NDArray[np.float64]) -> NDArray[np.float64]:
    quantity = arrays.reals(lines, "quantity")
    return quantity * arrays.reals(lines, name) / scale


def _lines(batch: Batch) -> Lines:
    frame, scale = batch.lines, _minor_per_price(batch)
    return Lines(
        kind=arrays.codes(frame, "kind"),
        entry=arrays.codes(frame, "entry"),
        voided=arrays.flags(frame, "voided"),
        quantity=arrays.reals(frame, "quantity"),
        list_value=np.rint(_priced(frame, "list_price", scale)),
        cost=_priced(frame, "unit_cost", scale),
        extended=arrays.integers(frame, "extended_minor"),
        at=arrays.integers(frame, "at"),
        void_at=arrays.integers(frame, "void_at"),
    )


def _shown(
    batch: Batch,
    first: dict[str, NDArray[np.int64]],
    lines: Lines,
    approver: NDArray[np.uint64],
    change_approver: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Return per transaction the bits of `told` that its own record shows."""
    bits = np.zeros(len(batch), dtype=np.int64)
    told.collect(first["events"], arrays.codes(batch.events, "type"), 0, bits)
    change_types = arrays.codes(batch.price_changes, "type")
    told.collect(first["price_changes"], change_types, told.CHANGES_FROM, bits)
    bits[approver != 0] |= 1 << told.APPROVER
    owners = batch.price_changes.get_column("tx").to_numpy()
    bits[owners[change_approver != 0]] |= 1 << told.APPROVER
    bits[batch.lines.get_column("tx").to_numpy()[lines.voided]] |= 1 << told.VOIDED_LINE
    return bits


def _fill_lines(
    first: NDArray[np.int64], lines: Lines, known: NDArray[np.bool_], out: Columns
) -> None:
    add_up(first, lines, known, _pick(Sums, out))
    add_costs(first, lines, out["cost_minor"])
    see_entries(first, lines, _pick(Keyed, out))
    see_times(first, lines, out["units"], _pick(Pace, out))


def _fill_changes(
    batch: Batch,
    first: dict[str, NDArray[np.int64]],
    lines: Lines,
    changes: Changes,
    known: NDArray[np.bool_],
    out: Columns,
) -> Lowered:
    lowered = Lowered(*(np.zeros(lines.extended.size, dtype=np.int64) for _ in Lowered._fields))
    totals = np.zeros((len(PRICE_CHANGE_TYPES), len(batch)), dtype=np.int64)
    whole_manual = np.zeros(len(batch), dtype=np.int32)
    numbers = arrays.integers(batch.lines, "line")
    add_changes(
        first["price_changes"],
        first["lines"],
        changes,
        numbers,
        lines.voided,
        totals,
        whole_manual,
        lowered,
    )
    count_coupons(
        first["price_changes"],
        first["lines"],
        changes,
        numbers,
        lines.voided,
        _pick(Coupons, out),
    )
    for code, kind in enumerate(PRICE_CHANGE_TYPES):
        out[_CHANGES[kind]] = np.where(known, totals[code], UNKNOWN_64)
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
    batch: Batch, first: NDArray[np.int64], money_moved: NDArray[np.bool_], out: Columns
) -> None:
    frame = batch.tenders
    tenders = Tenders(
        arrays.codes(frame, "type"),
        arrays.integers(frame, "amount_minor"),
        arrays.flags(frame, "change"),
        arrays.flags(frame, "voided"),
        arrays.keys(frame, "card_key"),
    )
    add_tenders(first, tenders, ~money_moved | (np.diff(first) > 0), _pick(Paid, out))


def _fill_events(first: NDArray[np.int64], kinds: NDArray[np.uint8], out: Columns) -> None:
    rows = first.size - 1
    owner = np.repeat(np.arange(rows), np.diff(first))
    for name, kind in _EVENTS.items():
        happened = owner[kinds == EVENT_TYPES.index(kind)]
        out[name] = np.bincount(happened, minlength=rows).astype(np.int32)


def _forget_untold(bits: NDArray[np.int64], out: Columns) -> None:
    """Make unknown what the feed has never told of."""
    for name, kind in _EVENTS.items():
        _forget(out, (name,), bits, EVENT_TYPES.index(kind))
    for code, kind in enumerate(PRICE_CHANGE_TYPES):
        _forget(out, (_CHANGES[kind],), bits, told.CHANGES_FROM + code)
    _forget(out, _OF_OVERRIDES, bits, told.CHANGES_FROM + PRICE_CHANGE_TYPES.index("override"))
    manual = told.CHANGES_FROM + PRICE_CHANGE_TYPES.index("manual_discount")
    _forget(out, _OF_DISCOUNTS, bits, manual)
    _forget(out, _OF_COUPONS, bits, told.CHANGES_FROM + PRICE_CHANGE_TYPES.index("coupon"))
    markdown = told.CHANGES_FROM + PRICE_CHANGE_TYPES.index("markdown")
    _forget(out, ("markdown_own_minor",), bits, markdown)
    _forget(out, _OF_VOIDS, bits, told.VOIDED_LINE)


def _forget(out: Columns, names: tuple[str, ...], bits: NDArray[np.int64], what: int) -> None:
    untold = ~told.has_told(bits, what)
    if untold.any():
        for name in names:
            unknown = arrays.unknown_of(out[name].dtype)
            out[name] = np.where(untold, unknown, out[name])
