"""The few receipts that a later one may name: a sign-off before a count, a basket put aside.

Of each only its natural key and its time are kept, compressed by day, for as long as the features
remember it. What they make known is put in the place of the receipt with which it became known.
"""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import msgspec
import polars as pl

from shrinkwatch.features.drawers import MEMORY_DAYS
from shrinkwatch.records.batch import TRANSACTION_COLUMNS

NAMED_LATER = (pl.col("type") == "sign_off") | (pl.col("status") == "suspended")
"""The receipts that a column of the features may name."""

_NAMES = (
    *("tx_key", "ended_at", "transaction_id", "register_id", "business_date", "sequence"),
    *("source", "store_id"),
)
EARLIER: dict[str, pl.DataType | type[pl.DataType]] = {
    name: TRANSACTION_COLUMNS[name] for name in _NAMES
}
_ELSEWHERE = ("approver_id", "customer_id", "loyalty_id", "card_token", "focus_sku")
"""Who took part in the later receipt did not take part in the earlier one."""


class Earlier:
    """The receipts of the last days that may be named.

    packs: EARLIER of each closed day, a compressed Arrow file. 40,000 sign-offs a day are about
    20 MB in all.
    """

    def __init__(self) -> None:
        self.packs: dict[date, bytes] = {}
        self.open: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Keep those of the batch that may be named."""
        if {"type", "status", *EARLIER}.issubset(frame.columns):
            may = frame["type", "status"].select(NAMED_LATER).to_series()
            if may.any():
                self.open.append(frame[list(EARLIER)].filter(may))

    def close(self, day: date) -> None:
        """Close the day, and forget the days that no feature remembers."""
        after = day - timedelta(MEMORY_DAYS + 1)
        self.packs = {one: pack for one, pack in self.packs.items() if one > after}
        if self.open:
            before = [pl.read_ipc(self.packs[day])] if day in self.packs else []
            file = BytesIO()
            pl.concat([*before, *self.open]).write_ipc(file, compression="zstd")
            self.packs[day], self.open = file.getvalue(), []

    def in_place(self, fired: pl.DataFrame) -> pl.DataFrame:
        """Return the firings, those that name an earlier receipt as firings on that receipt.

        fired: has `named_key` (0: the receipt itself); of EARLIER what it has is replaced. The
        subject, the time of arrival and the store's date stay: they say when it became known. A
        receipt that is not known any more is not put in.
        """
        asked = fired["named_key"].filter(fired["named_key"] != 0).unique()
        if asked.is_empty():
            return fired
        kept = [*map(pl.read_ipc, self.packs.values()), *self.open]
        known = [one.filter(pl.col("tx_key").is_in(asked.implode())) for one in kept]
        found = pl.concat([pl.DataFrame(schema=EARLIER), *known]).unique("tx_key", keep="last")
        there = pl.col("there").fill_null(value=False)
        joined = fired.join(
            found.with_columns(named_key="tx_key", there=pl.lit(value=True)),
            on="named_key",
            how="left",
            suffix="_then",
            maintain_order="left",
        )
        return joined.with_columns(
            *(
                pl.when(there).then(f"{name}_then").otherwise(name).alias(name)
                for name in _NAMES
                if name in fired.columns
            ),
            *(
                pl.when(~there).then(name).alias(name)
                for name in _ELSEWHERE
                if name in fired.columns
            ),
        ).select(fired.columns)

    def packed(self) -> bytes:
        """Return everything as one file."""
        open_ = pl.concat([pl.DataFrame(schema=EARLIER), *self.open])
        file = BytesIO()
        open_.write_ipc(file)
        return msgspec.msgpack.encode((self.packs, file.getvalue()))

    def restore(self, path: Path) -> None:
        """Take up what `packed` returned, from this file."""
        kept = msgspec.msgpack.decode(path.read_bytes(), type=tuple[dict[date, bytes], bytes])
        self.packs, self.open = kept[0], [pl.read_ipc(kept[1])]
