"""Reads a journal's feeds once, a few days at a time, and says how each source's feed is."""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from shrinkwatch.ports import Journal
from shrinkwatch.records.batch import Batch
from shrinkwatch.rules.carried import field_columns
from shrinkwatch.rules.feeds.source import SourceHealth, SourceWatch
from shrinkwatch.rules.profile import count_by
from shrinkwatch.rules.rule import Rule

AT_ONCE = 200_000
"""Transactions looked at together: less costs time for every day, more costs memory."""

_HEADS = (
    *("source", "store_id", "register_id", "business_date", "sequence", "findings"),
    *("began_at", "ended_at", "arrived_at", "utc_offset_s"),
)
_CARDS = ("tx", "card_key", "card_last4", "card_bin")


def feed_health(
    journal: Journal, rules: Sequence[Rule], today: date, *, at_once: int = AT_ONCE
) -> tuple[SourceHealth, ...]:
    """Return how this journal's feeds are, by name of the source.

    rules: those that are switched on. today: the date in UTC, to know what lies in the future.
    at_once: about how many transactions are held in memory.
    """
    watches: dict[str, SourceWatch] = {}
    for batch in _some_days(journal, at_once):
        counted = count_by(batch, ("source", "store_id", "business_date"))
        heads = batch.transactions.select(_HEADS)
        owner = heads["source"].gather(batch.tenders["tx"])
        for source in counted["source"].unique():
            watch = watches.setdefault(source, SourceWatch(source, today))
            of_source = pl.col("source") == source
            watch.read(heads.filter(of_source), counted.filter(of_source))
            watch.read_cards(heads, batch.tenders.select(_CARDS).filter(owner == source))
    tables = journal.tables()
    return tuple(watches[source].health(tables, rules) for source in sorted(watches))


def _some_days(journal: Journal, at_once: int) -> Iterator[Batch]:
    """Yield all arrivals in order, about so many together, with the columns that are looked at."""
    wanted = field_columns()
    wanted["transactions"] = sorted({*wanted["transactions"], *_HEADS})
    wanted["tenders"] = sorted({*wanted["tenders"], *_CARDS})
    held: list[Batch] = []
    for day in journal.days():
        for piece in journal.pieces(day, at_once, wanted):
            held.append(piece)
            if sum(map(len, held)) >= at_once:
                yield Batch.concat(held)
                held = []
    if held:
        yield Batch.concat(held)
