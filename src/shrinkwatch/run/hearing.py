"""Cuts a day's arrivals where people's answers arrived, so that each counts from then on.

All other tables are known as they were when the UTC day began.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Self

import numpy as np

from shrinkwatch.features.labelled import arrival_us
from shrinkwatch.journal.days import microseconds
from shrinkwatch.ports import Journal
from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import Tables


class Hearing:
    """The tables of a UTC day as they change while its transactions arrive.

    tables: as they are known at present. heard: the moments at which answers arrived that count by
    now, ascending.
    """

    def __init__(self, journal: Journal, day: date) -> None:
        self._journal = journal
        self.day = day
        self.tables = journal.tables(datetime.combine(day, datetime.min.time(), UTC))
        self.heard: list[datetime] = []

    def again(self, heard: Sequence[datetime]) -> Self:
        """Return the day as it was when the answers of these moments had been heard."""
        for moment in heard:
            self._hear(moment)
        return self

    def cut(self, batch: Batch) -> Iterator[tuple[Tables, Batch]]:
        """Yield the day's next arrivals in parts, each with what is known when it arrives.

        An answer that came to light only after later transactions were given out counts at once.
        """
        came, start = arrival_us(batch.transactions), 0
        for moment in self.unheard():
            end = int(np.searchsorted(came, microseconds(moment)))
            if end == len(batch):
                break
            if end > start:
                yield self.tables, _rows(batch, start, end)
                start = end
            self._hear(moment)
        yield self.tables, _rows(batch, start, len(batch))

    def unheard(self) -> list[datetime]:
        """Return when answers arrived that do not count yet, ascending."""
        return [
            moment
            for moment in self._journal.table_arrivals("labels", self.day)
            if moment not in self.heard
        ]

    def _hear(self, moment: datetime) -> None:
        self.heard.append(moment)
        labels = self._journal.tables(max(self.heard))["labels"]
        self.tables = Tables({**self.tables.by_kind, "labels": labels})


def _rows(batch: Batch, start: int, end: int) -> Batch:
    return batch if end - start == len(batch) else batch.take(np.arange(start, end))
