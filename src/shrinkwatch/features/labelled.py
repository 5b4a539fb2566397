"""What people said about single receipts: from the table of labels to the moment it is known.

A label that names a receipt is known when it arrived (its `at`), and not before its receipt was.
Whose card, till or cashier it speaks of is looked up where the receipts are kept, once, when the
table first shows it: labels come days or weeks after their receipt. Labels of an alert or of a
subject's time name no receipt and are left out here, and so is the answer "unknown".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.catalogue import OUTCOME_SUBJECTS
from shrinkwatch.features.joins import Joins
from shrinkwatch.journal.keys import tx_key
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import empty_table

LookUp = Callable[[Sequence[int]], Batch]
"""Returns the receipts with these keys that are known, as `ports.Journal.receipts`."""

CONFIRMED = ("theft", "policy_breach")
CLEARED = ("error", "training_need", "legitimate")
"""The outcomes that answer a suspicion; "unknown" does not."""

COLUMNS_READ: dict[str, Sequence[str]] = {
    "transactions": (
        *("source", "store_id", "operator_id", "tx_key", "arrived_at", "ended_at", "began_at"),
        *(f"{name}_key" for name in OUTCOME_SUBJECTS),
    )
}
"""The columns of a receipt that are looked up."""

_NAMES = ("source", "transaction_store_id", "transaction_id", "register_id", "business_date")
_SAME = ("row_id", "at", "outcome")
_ANSWERS = {"at_us": pl.Int64, "tx": pl.UInt64, "confirmed": pl.Boolean}
_WAITING = {"known_us": pl.Int64, **_ANSWERS, **dict.fromkeys(OUTCOME_SUBJECTS, pl.UInt64)}


def answers_of(labels: pl.DataFrame, sources: Sequence[str]) -> pl.DataFrame:
    """Return the labels that answer for one receipt: `at_us`, `tx` (its key) and `confirmed`.

    sources: the feeds that are known; a label without one means the only feed there is.
    """
    only = sources[0] if len(sources) == 1 else None
    told = labels.filter(pl.col("outcome").is_in([*CONFIRMED, *CLEARED])).with_columns(
        pl.col("source").fill_null(pl.lit(only, pl.String))
    )
    told = told.drop_nulls(["source", "transaction_store_id", "at"])
    keys = [tx_key(*row) for row in told.select(*_NAMES, "sequence").iter_rows()]
    return told.select(
        at_us=pl.col("at").to_physical(),
        tx=pl.Series(keys, dtype=pl.UInt64),
        confirmed=pl.col("outcome").is_in(CONFIRMED),
    ).filter(pl.col("tx") != 0)


@dataclass(slots=True)
class Labels:
    """Labels of receipts that are not known yet, in the order in which they will be.

    look_up: None is one that finds no receipt, so that no label is ever known.
    """

    look_up: LookUp | None = None
    _table: pl.DataFrame = field(default_factory=lambda: empty_table("labels"))
    _unfound: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_ANSWERS))
    _waiting: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_WAITING))

    def hear(
        self,
        table: pl.DataFrame,
        sources: Sequence[str],
        joins: Joins,
        news: Callable[[pl.DataFrame], pl.Series],
    ) -> None:
        """Take in the table of labels as it is known now; what it showed before is not read again.

        news: says of answers (`at_us`, `tx`) which of them have not been learned. A label whose
        receipt is not there yet is looked up again with every new table.
        """
        if self.look_up is None or table is self._table or table.height == 0:
            return
        fresh = table.join(self._table, on=_SAME, how="anti", nulls_equal=True)
        self._table = table
        answers = pl.concat([answers_of(fresh, sources), self._unfound])
        answers = answers.filter(news(answers))
        if answers.height == 0:
            return
        whom = _whom(self.look_up(answers["tx"].unique(maintain_order=True).to_list()), joins)
        self._unfound = answers.join(whom, on="tx", how="anti")
        found = answers.join(whom, on="tx").with_columns(
            known_us=pl.max_horizontal("at_us", "arrived_us")
        )
        waiting = pl.concat([self._waiting, found.select(*_WAITING)])
        self._waiting = waiting.sort("known_us", "at_us", maintain_order=True)

    def due(self, until_us: int) -> pl.DataFrame:
        """Return and forget what is known by then: `known_us`, `confirmed`, and keys by subject.

        until_us: UTC microseconds, included.
        """
        if self._waiting.height == 0:
            return self._waiting
        count = self._waiting["known_us"].search_sorted(until_us, side="right")
        known, self._waiting = self._waiting[:count], self._waiting[count:]
        return known


def _whom(receipts: Batch, joins: Joins) -> pl.DataFrame:
    """Return whom these receipts are about, `tx` and a key for each subject; and when they came."""
    tx = receipts.transactions
    keys = {name: tx[f"{name}_key"].fill_null(0) for name in OUTCOME_SUBJECTS}
    keys["operator"] = pl.Series(joins.people(keys["operator"].to_numpy(), tx), dtype=pl.UInt64)
    arrived = pl.coalesce("arrived_at", "ended_at", "began_at").to_physical()
    known = tx.select(tx=pl.col("tx_key"), arrived_us=arrived).with_columns(**keys)
    return known.unique("tx", keep="last", maintain_order=True)


def arrival_us(transactions: pl.DataFrame) -> NDArray[np.int64]:
    """Return by when each transaction had arrived, (rows,) int64 UTC microseconds, ascending.

    One that does not say when it arrived came when it ended, or with the one before it.
    """
    asked = [n for n in ("arrived_at", "ended_at", "began_at") if n in transactions.columns]
    came = transactions[asked].select_seq(pl.coalesce(asked).to_physical().fill_null(0)).to_series()
    return came.cum_max().to_numpy()
