"""The amounts of a draft side by side, ready for the contract's sums to be checked."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.journal.draft import Draft
from shrinkwatch.journal.identities import CASH_ROUNDING, WIDE_CASH_ROUNDING, Sums, totals

Parts = Mapping[str, Mapping[str, pl.Series]]


def of_draft(draft: Draft, parts: Parts) -> Sums:
    """Return the sums of a draft; amounts are in minor units, unrounded."""
    top, line, tender = parts["transactions"], parts["lines"], parts["tenders"]
    line_tx, tender_tx = draft.raw.tx["lines"], draft.raw.tx["tenders"]
    minor = _Minor(draft)
    change = minor.of("price_changes", "amount")
    on = draft.raw.change_line
    whole = on < 0
    kind = line["kind"]
    quantity = draft.values("lines", "quantity")
    return Sums(
        net=minor.of("transactions", "net"),
        tax=minor.of("transactions", "tax"),
        gross=minor.of("transactions", "gross"),
        discount=minor.of("transactions", "discount"),
        tax_included=top["tax_included"].to_numpy(),
        post_void=(top["type"] == "void").to_numpy(),
        completed=(top["status"] == "completed").to_numpy(),
        cash_tolerance=_cash_tolerance(draft, tender["type"]),
        whole_change=totals(draft.raw.tx["price_changes"][whole], change[whole], draft.count),
        line_tx=line_tx,
        goods=quantity * minor.of("lines", "list_price"),
        change=totals(on[~whole], change[~whole], line_tx.size),
        extended=minor.of("lines", "extended"),
        quantity=quantity,
        live=~line["voided"].to_numpy(),
        returns=(kind == "return").to_numpy(),
        items=(kind == "item").to_numpy(),
        tender_tx=tender_tx,
        paid=minor.of("tenders", "amount"),
        paid_live=~tender["voided"].to_numpy(),
    )


class _Minor:
    """Amounts of a draft in minor units of their transaction's currency."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._scale = 10.0**draft.digits

    def of(self, part: str, name: str) -> NDArray[np.float64]:
        """Return the amounts, NaN where there is none."""
        return self._draft.values(part, name) * self._scale[self._draft.raw.tx[part]]


def _cash_tolerance(draft: Draft, tender_type: pl.Series) -> NDArray[np.float64]:
    """Return by how many minor units each transaction's tenders may miss what was due."""
    cash = np.zeros(draft.count, dtype=np.bool_)
    cash[draft.raw.tx["tenders"][(tender_type == "cash").to_numpy()]] = True
    wide = [WIDE_CASH_ROUNDING.get(money or "", CASH_ROUNDING) for money in draft.money.texts]
    return np.where(cash, np.array(wide)[draft.money.codes], 0.0)
