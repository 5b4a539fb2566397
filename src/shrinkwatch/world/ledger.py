"""What the tills of one store wrote down, in columns, while the simulation still may change it.

Times inside a transaction are seconds from its own start, so that a transaction can be moved by
moving its start. Money that follows from the lines (net, tenders) is not kept here: it is worked
out when the ledger is final (`shrinkwatch.world.money`), and so cannot disagree with them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from shrinkwatch.records import transaction as till

Schema = dict[str, pl.DataType | type[pl.DataType]]

TX: Schema = {
    "tx": pl.Int64,
    "register": pl.Int32,  # row of the store's registers
    "operator": pl.Int32,  # row of the store's operators
    "approver": pl.Int32,
    "day": pl.Int32,  # from 0, the period's first day
    "start": pl.Int64,  # local seconds since the period's first midnight
    "total_at": pl.Int32,  # seconds after the start; null: the total key was never pressed
    "length": pl.Int32,  # seconds from start to end
    "type": pl.Enum(till.TRANSACTION_TYPES),
    "status": pl.Enum(till.STATUSES),
    "training": pl.Boolean,
    "offline": pl.Boolean,
    "arrived": pl.Int64,  # local seconds; null: at once
    "employee_sale": pl.Boolean,
    "shopper": pl.Int32,  # who it really was; nobody at the till knows
    "loyalty": pl.Int32,  # shopper whose loyalty card was shown
    "customer": pl.Int32,  # shopper whose identity was taken down
    "pay": pl.Enum(till.TENDER_TYPES),
    "card": pl.Int32,  # number of the payment card
    "gift_card": pl.Int32,  # number of the gift card that pays
    "refused": pl.Enum(till.TENDER_TYPES),  # a tender tried first and voided
    "amount": pl.Int64,  # minor units, of money that moves without goods, which has no lines
    "missing": pl.Int64,  # minor units gone from the drawer without a record, found after this one
    "reprints": pl.Int32,  # copies of the receipt
    "exempt": pl.Int32,  # customer whose freedom from tax was shown
    "order": pl.Int32,  # number of the order placed on line
    "original": pl.Int64,  # tx
    "old_day": pl.Int32,  # of an original from before the period
    "old_register": pl.Int32,
    "old_sequence": pl.Int32,
}

LINES: Schema = {
    "tx": pl.Int64,
    "line": pl.Int32,
    "kind": pl.Enum(till.LINE_KINDS),
    "item": pl.Int32,  # row of the chain's items
    "quantity": pl.Float64,
    "price": pl.Int64,  # minor units
    "entry": pl.Enum(till.LINE_ENTRIES),
    "voided": pl.Boolean,
    "at": pl.Int32,
    "void_at": pl.Int32,
    "gift_card": pl.Int32,  # number of the gift card that is sold
    "reason": pl.String,
}

CHANGES: Schema = {
    "tx": pl.Int64,
    "line": pl.Int32,  # null: on the whole transaction
    "type": pl.Enum(till.PRICE_CHANGE_TYPES),
    "amount": pl.Int64,
    "code": pl.String,  # of a coupon
    "reason": pl.String,
    "approver": pl.Int32,
}

EVENTS: Schema = {
    "tx": pl.Int64,
    "type": pl.Enum(till.EVENT_TYPES),
    "at": pl.Int32,
    "reason": pl.String,
}

_DEFAULTS: dict[str, object] = {
    "type": "sale",
    "status": "completed",
    "training": False,
    "offline": False,
    "employee_sale": False,
    "kind": "item",
    "quantity": 1.0,
    "entry": "scan",
    "voided": False,
}


def complete(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return the frame with exactly the schema's columns; absent ones get defaults or null.

    Raises polars.exceptions.PolarsError when a value does not fit its column.
    """
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(_DEFAULTS.get(name)))
        .cast(dtype)
        .alias(name)
        for name, dtype in schema.items()
    ]
    return frame.select(columns) if frame.height else pl.DataFrame(schema=schema)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Transactions of one store with all that belongs to them, in no particular order."""

    tx: pl.DataFrame
    lines: pl.DataFrame
    changes: pl.DataFrame
    events: pl.DataFrame

    @classmethod
    def of(
        cls,
        tx: pl.DataFrame | None = None,
        lines: pl.DataFrame | None = None,
        changes: pl.DataFrame | None = None,
        events: pl.DataFrame | None = None,
    ) -> Self:
        """Return a ledger of these rows; absent columns are filled, absent parts are empty."""
        parts = ((tx, TX), (lines, LINES), (changes, CHANGES), (events, EVENTS))
        return cls(
            *(
                pl.DataFrame(schema=schema) if part is None else complete(part, schema)
                for part, schema in parts
            )
        )

    @classmethod
    def concat(cls, ledgers: Iterable[Self]) -> Self:
        """Return one ledger with the rows of all of them."""
        ledgers = list(ledgers)
        if not ledgers:
            return cls.of()
        return cls(
            *(
                pl.concat([getattr(ledger, part) for ledger in ledgers])
                for part in ("tx", "lines", "changes", "events")
            )
        )

    def plus(self, other: Self) -> Self:
        """Return this ledger with the rows of another."""
        return type(self).concat([self, other])

    def keep(self, tx: pl.Series) -> Self:
        """Return only the transactions named, with all that belongs to them."""
        return type(self)(
            *(
                part.filter(pl.col("tx").is_in(tx.implode()))
                for part in (self.tx, self.lines, self.changes, self.events)
            )
        )

    def without(self, tx: pl.Series) -> Self:
        """Return all but the transactions named."""
        return type(self)(
            *(
                part.filter(~pl.col("tx").is_in(tx.implode()))
                for part in (self.tx, self.lines, self.changes, self.events)
            )
        )

    def with_tx(self, tx: pl.DataFrame) -> Self:
        """Return this ledger with other transaction rows and the same lines."""
        return type(self)(complete(tx, TX), self.lines, self.changes, self.events)

    def with_lines(self, lines: pl.DataFrame) -> Self:
        """Return this ledger with other lines."""
        return type(self)(self.tx, complete(lines, LINES), self.changes, self.events)

    def mark(self, tx: pl.Series, **values: object) -> Self:
        """Return this ledger with these columns set on the transactions named."""
        here = pl.col("tx").is_in(tx.implode())
        return self.with_tx(
            self.tx.with_columns(
                pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).cast(TX[name]).alias(name)
                for name, value in values.items()
            )
        )

    def lines_worth(self) -> pl.DataFrame:
        """Return the lines with `extended`: quantity × price + the line's price changes, minor."""
        changed = (
            self.changes.filter(pl.col("line").is_not_null())
            .group_by("tx", "line")
            .agg(change=pl.col("amount").sum())
        )
        return self.lines.join(
            changed, on=["tx", "line"], how="left", maintain_order="left"
        ).with_columns(
            extended=(pl.col("quantity") * pl.col("price")).round().cast(pl.Int64)
            + pl.col("change").fill_null(0)
        )

    def worth(self, lines: pl.DataFrame | None = None) -> pl.DataFrame:
        """Return `tx, net`: the live lines and the changes on the whole, in minor units.

        lines: those of `lines_worth`, where the caller has them already.
        """
        lines = self.lines_worth() if lines is None else lines
        lines = lines.filter(~pl.col("voided")).select("tx", amount="extended")
        whole = self.changes.filter(pl.col("line").is_null()).select("tx", "amount")
        return pl.concat([lines, whole]).group_by("tx").agg(net=pl.col("amount").sum())

    def next_numbers(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Return that many numbers for new transactions, above all that are in use."""
        first = int(self.tx["tx"].to_numpy().max(initial=-1)) + 1
        return np.arange(first, first + count, dtype=np.int64)
