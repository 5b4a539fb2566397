"""Reads the alerts of any system from a CSV, so that they are judged as ours are; writes ours so.

One row for each alert and transaction; what is said of the alert is repeated on each of its rows.
"""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn, get_args

import msgspec

from shrinkwatch.intake.cells import ROW, read_sheet
from shrinkwatch.records.alert import SubjectType
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.benchmark.answers import OF_A_STORE, Answers, Key, actor_of, key_of
from shrinkwatch.run.benchmark.judging import Raised
from shrinkwatch.run.rulebook import nearest

COLUMNS = (
    "configuration",
    "alert_id",
    "subject_type",
    "subject_id",
    "store_id",
    "updated_at",
    "scheme",
    "source",
    "transaction_store_id",
    "register_id",
    "business_date",
    "sequence",
)
"""What each row says.

store_id: the subject's, empty for one who is the same anywhere, as a card.

transaction_store_id: where it is empty or absent, store_id. scheme may be empty or absent.
"""
_MAY_BE_ABSENT = frozenset({"scheme", "transaction_store_id"})
_OF_THE_ALERT = ("actor", "updated_at", "scheme")


def write_alerts(alerts: Mapping[str, Sequence[Raised]], path: Path) -> None:
    """Write alerts, by configuration, in the form in which others submit theirs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for configuration, raised in alerts.items():
            for one in raised:
                kind, name, store = one.actor
                said = (configuration, one.id, kind, name, store, one.updated_at.isoformat())
                for source, *key in one.keys:
                    rows.writerow((*said, one.scheme or "", source, *key))


def read_alerts(path: Path, answers: Mapping[str, Answers]) -> dict[str, tuple[Raised, ...]]:
    """Return the alerts of a CSV by configuration, in the order of the file.

    answers: by configuration; what they do not know (a store, a till, an operator) is an error.
    Raises: Refused, naming the row below the header, the column and what would be right.
    """
    sheet = read_sheet(path.read_bytes())
    for number, _, sentence in sheet.broken:
        raise Refused(f"{path.name}, row {number}: {sentence}")
    absent = [c for c in COLUMNS if c not in sheet.frame.columns and c not in _MAY_BE_ABSENT]
    if absent:
        raise Refused(
            f"{path.name} is no table of alerts: it lacks {', '.join(absent)}; its columns are "
            f"{', '.join(COLUMNS)}, one row for each alert and transaction"
        )
    found: dict[tuple[str, str], Raised] = {}
    for cells in sheet.frame.iter_rows(named=True):
        row = _Row(path.name, cells, answers)
        found[row.place] = row.added(found.get(row.place))
    by_configuration: dict[str, list[Raised]] = {}
    for (configuration, _), one in found.items():
        by_configuration.setdefault(configuration, []).append(one)
    return {name: tuple(raised) for name, raised in by_configuration.items()}


class _Row:
    """A row of a table of alerts, checked against the chain that it speaks of."""

    def __init__(
        self, file: str, cells: Mapping[str, str | None], answers: Mapping[str, Answers]
    ) -> None:
        self._file = file
        self._cells = cells
        name = self._text("configuration")
        if name not in answers:
            self._refuse("configuration", f"no {name!r} in this suite; {nearest(name, [*answers])}")
        self._answers = answers[name]
        self.place = (name, self._text("alert_id"))

    def added(self, before: Raised | None) -> Raised:
        """Return the row's alert: `before`, of the same alert's rows above, with one key more."""
        kind, store = self._kind(), self._cell("store_id")
        if store is None and kind in OF_A_STORE:
            self._refuse("store_id", f"is empty; a subject of type {kind} belongs to a store")
        key = self._key()
        now = Raised(
            id=self.place[1],
            actor=actor_of(kind, self._subject(kind, store), store),
            store=store or key[1],
            keys=(key,),
            updated_at=self._time(),
            scheme=self._cell("scheme"),
        )
        if before is None:
            return now
        for name in _OF_THE_ALERT:
            if getattr(now, name) != getattr(before, name):
                column = "subject_id" if name == "actor" else name
                self._refuse(column, f"is not what rows above say of alert {now.id}")
        keys = before.keys if key in before.keys else (*before.keys, key)
        return msgspec.structs.replace(now, keys=keys)

    def _kind(self) -> str:
        kind, known = self._text("subject_type"), list(get_args(SubjectType))
        if kind not in known:
            self._refuse("subject_type", f"cannot be {kind!r}; {nearest(kind, known)}")
        return kind

    def _subject(self, kind: str, store: str | None) -> str:
        name = self._text("subject_id")
        people = {"operator": self._answers.operators, "approver": self._answers.operators}
        known = {"register": self._answers.registers, **people}.get(kind)
        if known is not None and (store, name) not in known:
            self._refuse("subject_id", f"store {store} has no {kind} {name!r}")
        return name

    def _key(self) -> Key:
        source, register = self._text("source"), self._text("register_id")
        if source != self._answers.source:
            self._refuse("source", f"cannot be {source!r}; the feed's is {self._answers.source!r}")
        store = self._cell("transaction_store_id") or self._cell("store_id")
        if store is None:
            self._refuse("transaction_store_id", "is empty, and so is store_id")
        if (store, register) not in self._answers.registers:
            self._refuse("register_id", f"store {store} has no register {register!r}")
        return key_of(source, store, register, self._date(), self._sequence())

    def _date(self) -> date:
        text = self._text("business_date")
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._refuse("business_date", f"cannot be {text!r}; write it like 2026-03-31")

    def _sequence(self) -> int:
        text = self._text("sequence")
        if not (text.isascii() and text.isdigit()):
            self._refuse("sequence", f"cannot be {text!r}; it is a whole number")
        return int(text)

    def _time(self) -> datetime:
        text = self._text("updated_at")
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            self._refuse("updated_at", f"cannot be {text!r}; write it like 2026-03-31T18:00:00Z")
        if time.tzinfo is None:
            self._refuse("updated_at", f"{text!r} has no offset; write Z, or one like +01:00")
        return time

    def _cell(self, column: str) -> str | None:
        return self._cells.get(column)

    def _text(self, column: str) -> str:
        text = self._cell(column)
        if text is None:
            self._refuse(column, "is empty")
        return text

    def _refuse(self, column: str, why: str) -> NoReturn:
        raise Refused(f"{self._file}, row {self._cells[ROW]}, {column}: {why}")
