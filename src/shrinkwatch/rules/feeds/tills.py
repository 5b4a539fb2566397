"""Numbers the tills of one source, so that their receipts can be sorted by small integers."""

import polars as pl

_TILL = ["store_id", "register_id"]


class Tills:
    """The tills that were seen so far, each with a number from 0."""

    def __init__(self) -> None:
        kinds = {"store_id": pl.String, "register_id": pl.String, "till": pl.UInt32}
        self.known = pl.DataFrame(schema=kinds)

    def numbered(self, heads: pl.DataFrame) -> pl.DataFrame:
        """Return the receipts that a till numbered, with its number as "till".

        heads: transactions of one source; those without till or sequence are left out.
        """
        rows = heads.filter(pl.col("register_id").is_not_null() & pl.col("sequence").is_not_null())
        new = rows.select(_TILL).unique(maintain_order=True).join(self.known, on=_TILL, how="anti")
        count = self.known.height
        self.known = pl.concat(
            [self.known, new.with_row_index("till", count).select(self.known.columns)]
        )
        return rows.join(self.known, on=_TILL, how="left", maintain_order="left")

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the rows with the store_id and register_id of their "till"."""
        return rows.join(self.known, on="till", how="left", maintain_order="left")
