"""Keeps what is needed of one source's receipts to say how its feed is, and says it."""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl
from msgspec import Struct

from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.detectability import Visibility, detectability, headlines, lost_without
from shrinkwatch.rules.feeds.broken_records import count_broken, find_broken
from shrinkwatch.rules.feeds.cards import Cards, find_card_faults
from shrinkwatch.rules.feeds.clocks import Clocks, find_clock_faults
from shrinkwatch.rules.feeds.finding import FeedFinding
from shrinkwatch.rules.feeds.lost_fields import find_lost_fields
from shrinkwatch.rules.feeds.numbers import Numbers, find_gaps
from shrinkwatch.rules.feeds.silent_days import find_silent_days
from shrinkwatch.rules.feeds.tills import Tills
from shrinkwatch.rules.feeds.weeks import FieldWeeks, Week, field_weeks, weeks
from shrinkwatch.rules.fields import fields
from shrinkwatch.rules.profile import FieldProfile, profile_counted, with_tables
from shrinkwatch.rules.rule import Rule


class SourceHealth(Struct, frozen=True):
    """How one source's feed is.

    first, last: business dates of its receipts. weeks, fields: week by week, oldest first.
    schemes: what it can show, by number; headlines: that in a few sentences.
    """

    source: str
    transactions: int
    stores: tuple[str, ...]
    first: date | None
    last: date | None
    headlines: tuple[str, ...]
    schemes: tuple[Visibility, ...]
    findings: tuple[FeedFinding, ...]
    weeks: tuple[Week, ...]
    fields: tuple[FieldWeeks, ...]


class SourceWatch:
    """What was seen of one source so far."""

    def __init__(self, source: str, today: date) -> None:
        """today: the date in UTC, to know what lies in the future."""
        self._source = source
        self._tills = Tills()
        self._numbers = Numbers()
        self._clocks = Clocks(today)
        self._cards = Cards()
        self._broken: list[pl.DataFrame] = []
        self._days: list[pl.DataFrame] = []

    def read(self, heads: pl.DataFrame, days: pl.DataFrame) -> None:
        """Take receipts in. heads: transactions of this source; days: their field counts."""
        rows = self._tills.numbered(heads)
        self._numbers.read(rows)
        self._clocks.read(heads, rows)
        self._broken.append(count_broken(heads))
        self._days.append(days)

    def read_cards(self, heads: pl.DataFrame, tenders: pl.DataFrame) -> None:
        """Take payments in. tenders: of this source; their tx is a row of heads."""
        self._cards.read(heads, tenders)

    def health(self, tables: Tables, rules: Sequence[Rule]) -> SourceHealth:
        """Return how the feed is. tables: what was loaded beside it; rules: those switched on."""
        keys = ["source", "store_id", "business_date"]
        days = pl.concat(self._days).group_by(keys).sum().sort(keys)
        (profile,) = with_tables(profile_counted(days), tables)
        schemes = detectability(profile, rules)
        till_days = self._numbers.till_days()
        return SourceHealth(
            source=self._source,
            transactions=profile.transactions,
            stores=tuple(sorted(profile.stores)),
            first=days["business_date"].min(),  # type: ignore[arg-type]
            last=days["business_date"].max(),  # type: ignore[arg-type]
            headlines=headlines(profile, schemes),
            schemes=schemes,
            findings=tuple(self._findings(days, till_days, profile, rules)),
            weeks=weeks(
                days, till_days, self._clocks.set_back(), self._clocks.odd(), self._all_broken()
            ),
            fields=field_weeks(days),
        )

    def _findings(
        self,
        days: pl.DataFrame,
        till_days: pl.DataFrame,
        profile: FieldProfile,
        rules: Sequence[Rule],
    ) -> Iterator[FeedFinding]:
        lost = {
            name: lost_without(name, profile, rules) for name in fields() if profile.share(name) > 0
        }
        size = (self._source, profile.transactions, len(profile.stores))
        source, transactions, stores = size
        yield from find_silent_days(days)
        yield from find_lost_fields(source, days, lost)
        yield from find_gaps(source, self._tills, till_days)
        yield from find_clock_faults(source, self._tills, self._clocks, transactions, stores)
        yield from find_card_faults(source, self._cards, lost.get("tenders.card_token", ()))
        yield from find_broken(source, self._all_broken(), transactions, stores)

    def _all_broken(self) -> pl.DataFrame:
        return pl.concat(self._broken)
