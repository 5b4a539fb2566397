"""Counts week by week what fired on whom: the evidence on which the two rivals judge.

The same rules on the same receipts as ours, kept in the plainest way: exposures and hits of one ISO
week, the receipts that fired of four.
"""

from collections import deque
from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from shrinkwatch.rules.judge import Firings, Judgement
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.earlier import Earlier

WEEKS = 4
"""Receipts older than this are forgotten, as by the desk (28 days)."""

COUNTED: dict[str, type[pl.DataType]] = {
    "rule": pl.UInt16,
    "key": pl.UInt64,
    "group": pl.UInt32,
    "exposed": pl.Int64,
    "hits": pl.Int64,
}
_RECEIPT = (
    *("source", "store_id", "register_id", "business_date", "sequence", "transaction_id"),
    *("arrived_at", "operator_id", "approver_id", "customer_id", "loyalty_id", "focus_sku"),
    "card_key",
)


class Weekly:
    """What the rules of kind "count" said; hears a replay as a desk does.

    counts: COUNTED of the open week. fired: a row per firing and week, with rule, key, loss_minor,
    card_token and the receipt's columns, in order of arrival.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._counting = [place for place, rule in enumerate(rules) if rule.kind == "count"]
        self._counts: list[pl.DataFrame] = []
        self._open: list[pl.DataFrame] = []
        self._earlier = Earlier()
        self._weeks: deque[pl.DataFrame] = deque(maxlen=WEEKS)

    def see(
        self, frame: pl.DataFrame, judgement: Judgement, tenders: pl.DataFrame | None = None
    ) -> None:
        """Take in what the rules said of a batch's receipts."""
        self._earlier.add(frame)
        tokens = _tokens(tenders)
        for place in self._counting:
            fired = judgement.firings.of(judgement.firings.place == place)
            rows = np.flatnonzero(judgement.at_risk[:, place])
            if rows.size:
                self._counts.append(self._counted(frame, place, rows, fired))
            if fired.row.size:
                hit = self._hits(frame, place, fired)
                self._open.append(hit.join(tokens, on="card_key", how="left"))

    def close_week(self, day: date) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the COUNTED of the week that this day closed and the firings of four weeks."""
        nothing = pl.DataFrame(schema=COUNTED)
        counts = pl.concat([nothing, *self._counts]).group_by("rule", "key", "group").sum()
        if self._open:
            fired = pl.concat(self._open).sort("arrived_at", maintain_order=True)
            self._weeks.append(self._earlier.in_place(fired).drop("named_key"))
        else:
            self._weeks.append(pl.DataFrame())
        self._earlier.close(day)
        self._counts, self._open = [], []
        return counts, pl.concat(self._weeks, how="diagonal")

    def _counted(
        self, frame: pl.DataFrame, place: int, rows: np.ndarray, fired: Firings
    ) -> pl.DataFrame:
        return (
            frame.select(key=self.rules[place].subject_column, group="peer_group")[rows]
            .with_columns(hits=pl.Series(np.isin(rows, fired.row)).cast(pl.Int64))
            .group_by("key", "group")
            .agg(exposed=pl.len(), hits=pl.col("hits").sum())
            .select(pl.lit(place).alias("rule"), "key", "group", "exposed", "hits")
            .cast(COUNTED)  # type: ignore[arg-type]
        )

    def _hits(self, frame: pl.DataFrame, place: int, fired: Firings) -> pl.DataFrame:
        rule = self.rules[place]
        named = pl.lit(0, dtype=pl.UInt64) if rule.receipt is None else pl.col(rule.receipt)
        hit = frame.select(*_RECEIPT, key=rule.subject_column, named_key=named)[fired.row]
        return hit.with_columns(
            rule=pl.lit(place, dtype=pl.UInt16),
            loss_minor=pl.Series(fired.loss_minor),
        )


def _tokens(tenders: pl.DataFrame | None) -> pl.DataFrame:
    """Return card_key, card_token: the name of each card that has one."""
    if tenders is None:
        return pl.DataFrame(schema={"card_key": pl.UInt64, "card_token": pl.String})
    known = tenders.select("card_key", "card_token").drop_nulls()
    return known.unique("card_key", keep="first", maintain_order=True)
