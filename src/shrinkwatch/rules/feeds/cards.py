"""Finds card tokens that are not one card each: shared, filled in, or changed from day to day.

A feed's token must stand for one card and stay the same. Four things show that it does not: a
token with several last four digits or issuer numbers; a token in two stores within a minute; a
token on so many payments that it is a filler; and days over which no card was ever seen again.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple, cast

import numpy as np
import polars as pl

from shrinkwatch.rules.feeds.finding import FeedFinding, Level, level_of, named

AT_ONCE_S = 60
"""Nobody walks from one store to another in a minute; tills' clocks differ by seconds."""
FILLER = 0.01
A_DAY = 5
"""A token on more than this share of a source's card payments, and on more than so many a day from
its first to its last, is a filler: nobody pays five times a day, day after day, and a real card is
lost among many. Our own choice."""
_MANY = 1_000
"""Payments from which on a share of them tells."""
SEEN_ENOUGH = 500
"""So many cards before and after a day tell whether tokens outlive it: if only one card in a
hundred came back, none of 500 would with probability 0.99^500 = 0.7 %."""
_WEEK = 7
"""Days in which most regular customers come back."""
_MERGED = 1_000_000
"""Rows that are held before cards seen in several of them become one row each."""

_CARD = {
    "card_key": pl.UInt64,
    "store_id": pl.String,
    "first": pl.Date,
    "last": pl.Date,
    "payments": pl.Int64,
    "last4_low": pl.UInt32,
    "last4_high": pl.UInt32,
    "bin_low": pl.UInt32,
    "bin_high": pl.UInt32,
}
_TOKEN = ["card_key", "store_id"]


class Cards:
    """Every card token of one source: where, when first and last, and its other numbers."""

    def __init__(self) -> None:
        self._held = pl.DataFrame(schema=_CARD)
        self._new: list[pl.DataFrame] = []
        self._at_once: list[pl.DataFrame] = []

    def read(self, heads: pl.DataFrame, tenders: pl.DataFrame) -> None:
        """Take receipts in.

        heads: with store_id, ended_at and began_at. tenders: theirs, with tx (row of heads),
        card_key, card_last4 and card_bin.
        """
        paid = tenders.filter(pl.col("card_key") > 0)
        at = pl.coalesce("ended_at", "began_at")
        where = heads.select("store_id", at=at, date=at.dt.date())
        paid = pl.concat(
            [
                paid.select(
                    "card_key",
                    last4=pl.col("card_last4").cast(pl.UInt32, strict=False),
                    bin=pl.col("card_bin").cast(pl.UInt32, strict=False),
                ),
                where[paid["tx"]],
            ],
            how="horizontal",
        )
        self._new.append(
            paid.lazy()
            .group_by(_TOKEN)
            .agg(
                pl.col("date").min().alias("first"),
                pl.col("date").max().alias("last"),
                pl.len().cast(pl.Int64).alias("payments"),
                *(pl.col(name).min().alias(f"{name}_low") for name in ("last4", "bin")),
                *(pl.col(name).max().alias(f"{name}_high") for name in ("last4", "bin")),
            )
            .select(*_CARD)
            .collect()
        )
        self._at_once.append(_in_two_stores(paid))
        if sum(frame.height for frame in self._new) > _MERGED:
            self.by_store()

    def by_store(self) -> pl.DataFrame:
        """Return a row per token and store.

        Columns: card_key, store_id, first and last (dates, UTC), payments, and the lowest and
        highest of its last four digits and of its issuer number (null where the feed gives none).
        """
        if self._new:
            self._held = _merged(pl.concat([self._held, *self._new]), _TOKEN).select(*_CARD)
            self._new = []
        return self._held

    def all(self) -> pl.DataFrame:
        """Return a row per token, with what `by_store` has of it in all stores."""
        return _merged(self.by_store().drop("store_id"), ["card_key"])

    def at_once(self) -> pl.DataFrame:
        """Return card_key and date of payments in another store within a minute of the last."""
        kinds = {"card_key": pl.UInt64, "date": pl.Date}
        return pl.concat(self._at_once) if self._at_once else pl.DataFrame(schema=kinds)


def _merged(cards: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    low = pl.col("first", "last4_low", "bin_low").min()
    high = pl.col("last", "last4_high", "bin_high").max()
    return cards.lazy().group_by(keys).agg(low, high, pl.col("payments").sum()).collect()


def _in_two_stores(paid: pl.DataFrame) -> pl.DataFrame:
    again = paid.filter(pl.col("card_key").is_duplicated()).sort("card_key", "at")
    soon = pl.col("at") - pl.col("at").shift(1) <= timedelta(seconds=AT_ONCE_S)
    elsewhere = pl.col("store_id") != pl.col("store_id").shift(1)
    same = pl.col("card_key") == pl.col("card_key").shift(1)
    return again.filter(same & soon & elsewhere).select("card_key", "date")


def breaks(cards: pl.DataFrame) -> tuple[list[date], list[date]]:
    """Return the days that can tell whether tokens outlive them, and those that none outlived.

    cards: as `Cards.all` makes them. A day can tell that has SEEN_ENOUGH cards and a week of days
    before it and after it. None outlived it when no card of before was seen on it or later.
    """
    if cards.is_empty():
        return [], []
    first, last = cards["first"].to_physical().to_numpy(), cards["last"].to_physical().to_numpy()
    days = np.unique(np.concatenate([first, last]))
    began = np.searchsorted(np.sort(first), days)
    gone = np.searchsorted(np.sort(last), days)
    enough = (began >= SEEN_ENOUGH) & (last.size - gone >= SEEN_ENOUGH)
    amid = (days - days[0] >= _WEEK) & (days[-1] - days >= _WEEK)
    tells = pl.Series(days).cast(pl.Date)
    able = enough & amid
    return tells.filter(able).to_list(), tells.filter(able & (began == gone)).to_list()


def find_card_faults(source: str, cards: Cards, lost: tuple[str, ...]) -> Iterator[FeedFinding]:
    """Yield what is odd about the card tokens of one source.

    lost: ids of the schemes that cannot be seen, or less well, without tokens that stay the same.
    """
    known = cards.all()
    if known.is_empty():
        return
    faults = (
        *_several_numbers(known),
        *_in_two_places(cards.at_once(), known.height),
        *_fillers(known),
        *_cut(known, cards.by_store()),
    )
    for fault in faults:
        yield FeedFinding(
            about="cards",
            level=fault.level,
            source=source,
            stores=fault.stores,
            first=cast("date", known["first"].min()),
            last=cast("date", known["last"].max()),
            count=fault.tokens,
            of=known.height,
            lost=lost if fault.level == "wrong" else (),
            says=f"{source}: {fault.says}",
            do=fault.do,
        )


class _Fault(NamedTuple):
    """What is wrong with so many tokens."""

    level: Level
    tokens: int
    says: str
    do: str
    stores: tuple[str, ...] = ()


def _several_numbers(known: pl.DataFrame) -> Iterator[_Fault]:
    for name, words in (("last4", "last four digits"), ("bin", "issuer numbers")):
        several = int((known[f"{name}_low"] != known[f"{name}_high"]).sum())
        if several:
            yield _Fault(
                level_of(several, known.height),
                several,
                f"{several:,} of {known.height:,} card tokens stand with several {words}",
                "ask how tokens are made: one token must be one card",
            )


def _in_two_places(at_once: pl.DataFrame, of: int) -> Iterator[_Fault]:
    seen = at_once["card_key"].n_unique()
    if seen:
        yield _Fault(
            level_of(seen, of),
            seen,
            f"{seen:,} of {of:,} card tokens paid in two stores within a minute",
            "ask how tokens are made; a few may be copied cards, or shared online",
        )


def _fillers(known: pl.DataFrame) -> Iterator[_Fault]:
    payments = int(known["payments"].sum())
    of_days = (pl.col("last") - pl.col("first")).dt.total_days() + 1
    every_day = pl.col("payments") > A_DAY * of_days
    often = known.filter(every_day & (pl.col("payments") > FILLER * payments))
    if payments >= _MANY and often.height:
        most = int(often["payments"].sort()[-1])
        tokens = (
            "one card token stands" if often.height == 1 else f"{often.height} card tokens stand"
        )
        yield _Fault(
            "wrong",
            often.height,
            f"{tokens} on more than {FILLER:.0%} of {payments:,} payments each, the busiest on "
            f"{most:,}: a filler, no card",
            "leave the token out where the card is not known; rules take it for one customer",
        )


def _cut(known: pl.DataFrame, by_store: pl.DataFrame) -> Iterator[_Fault]:
    """Yield where cards cannot be followed: in the whole source, else in stores one by one."""
    whole = list(_cut_of(known, ""))
    yield from whole
    if not whole:
        for (store,), of_store in by_store.sort("store_id").group_by(
            "store_id", maintain_order=True
        ):
            yield from _cut_of(of_store, f" of {store}", (str(store),))


def _cut_of(known: pl.DataFrame, whose: str, stores: tuple[str, ...] = ()) -> Iterator[_Fault]:
    testable, cut = breaks(known)
    if cut and cut == testable:
        yield _Fault(
            "wrong",
            known.height,
            f"{known.height:,} card tokens{whose}, and on none of {len(cut):,} days that could "
            "tell did one come back from before: the token of a card does not stay the same",
            "ask for a token that stays the same for a card; nobody can be followed without",
            stores,
        )
    elif cut:
        yield _Fault(
            "wrong",
            known.height,
            f"no card token{whose} of before was seen again from these days on: "
            f"{named([str(day) for day in cut])}",
            "ask whether the token key was changed then; cards cannot be followed across it",
            stores,
        )
