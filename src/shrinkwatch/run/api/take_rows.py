"""Takes rows of the tables beside the till, sent while the day goes on, a JSON object each."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import polars as pl

from shrinkwatch.adapters.stores.live_rows import LiveRows
from shrinkwatch.intake.cells import ROW, Sheet
from shrinkwatch.intake.headers import REQUIRED, contract_names
from shrinkwatch.intake.refusal import refuse
from shrinkwatch.intake.tables import table_of
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.places import Places
from shrinkwatch.ports import Clock, Journal
from shrinkwatch.records.access import SendingKey
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.tables import TABLE_COLUMNS, TableKind
from shrinkwatch.run.api.problem import Problem
from shrinkwatch.run.api.submission import Answer, Outcome, Submission, rejected
from shrinkwatch.run.api.take_transactions import not_yours

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STORE_COLUMNS = ("store_id", "transaction_store_id")

Cells = dict[str, str]
StoresOfAlert = Callable[[str], frozenset[str] | None]
"""Returns the stores that an alert is about, by its id; None where there is no such alert."""


class RowTaker:
    """Takes submissions of one kind of table, one call at a time, from whatever thread."""

    def __init__(
        self,
        kind: TableKind,
        journal: Journal,
        rows: LiveRows,
        key: TokenKey,
        clock: Clock,
        stores_of_alert: StoresOfAlert,
    ) -> None:
        self._kind: TableKind = kind
        self._journal = journal
        self._rows = rows
        self._key = key
        self._clock = clock
        self._stores_of_alert = stores_of_alert
        self._places = Places()

    def know(self, places: Places) -> None:
        """Go on with other knowledge of the stores' zones and currencies."""
        self._places = places

    def take(self, group: Sequence[Submission]) -> list[Answer]:
        """Return each submission's answer, in order; what they say is on disk.

        Raises: Unreachable when the journal cannot be written.
        """
        return [self._take(one) for one in group]

    def _take(self, one: Submission) -> Answer:
        cells, rejects = self._read(one)
        problem = self._strange(one.key, cells.values())
        if problem is not None:
            return problem
        outcomes = self._store(one, cells, rejects) if cells else {}
        if rejects:
            self._journal.reject(list(rejects.values()))
        outcomes |= {place: rejected(reject) for place, reject in rejects.items()}
        return [outcomes[place] for place in sorted(outcomes)]

    def _read(self, one: Submission) -> tuple[dict[int, Cells], dict[int, Rejected]]:
        """Return the cells of each record by its number (from 1), and what is no record."""
        cells, rejects = {}, {}
        for place, line in enumerate(one.cut.lines, 1):
            try:
                cells[place] = _cells(_MEMBERS.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                sentence = f"this is not one whole JSON object: {error}"
                rejects[place] = self._refuse(one, place, "bad_json", sentence, line)
        if one.cut.damaged is not None:
            raw, reason, sentence = one.cut.damaged
            rejects[len(one.cut)] = self._refuse(one, len(one.cut), reason, sentence, raw)
        return cells, rejects

    def _strange(self, key: SendingKey, rows: Iterable[Cells]) -> Problem | None:
        """Return why these rows are not this key's, None where they are."""
        for row in rows:
            stores = {row[name] for name in _STORE_COLUMNS if name in row}
            if "alert_id" in row:
                about = self._stores_of_alert(row["alert_id"])
                if about is None:
                    return not_yours()
                stores |= about
            if not stores and key.stores is not None and self._kind == "labels":
                return not_yours()
            if not all(key.speaks_for(store, row.get("register_id")) for store in stores):
                return not_yours()
        return None

    def _store(
        self, one: Submission, cells: Mapping[int, Cells], rejects: dict[int, Rejected]
    ) -> dict[int, Outcome]:
        """Store what makes a row, add what does not to the rejects; returns the outcomes."""
        sheet = _sheet(self._kind, cells)
        read = table_of(sheet, self._kind, self._key, self._places, f"key {one.key.key_id}")
        rejects |= {reject.place: reject for reject in read.rejects if reject.place is not None}
        kept = [place for place in cells if place not in rejects]
        became = dict(
            zip(kept, self._rows.append(self._kind, read.frame, self._clock()), strict=True)
        )
        for place, word in became.items():
            if word == "conflicting":
                sentence = "another store has a row of this id; give every row an id of its own"
                raw = one.cut.lines[place - 1]
                rejects[place] = self._refuse(one, place, "other_store", sentence, raw)
        return {place: Outcome(word) for place, word in became.items()}

    def _refuse(
        self, one: Submission, place: int, reason: str, sentence: str, raw: bytes
    ) -> Rejected:
        sender = f"key {one.key.key_id}"
        return refuse(reason, sentence, raw, self._key, file=sender, place=place)


def _cells(members: Mapping[str, msgspec.Raw]) -> Cells:
    """Return a record's members as a table's cells, by the contract's names."""
    texts = {name: _text(members[given]) for given, name in contract_names(members).items()}
    return {name: text for name, text in texts.items() if text is not None and text.strip()}


def _text(raw: msgspec.Raw) -> str | None:
    """Return a JSON value as a cell; a number as it was written, a list with `;` between."""
    if bytes(raw)[:1] in b"-0123456789":
        return bytes(raw).decode()
    value = msgspec.json.decode(raw)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(str(each) for each in value)
    return msgspec.json.encode(value).decode()


def _sheet(kind: TableKind, cells: Mapping[int, Cells]) -> Sheet:
    """Return the records as a sheet with every column that its kind requires."""
    known = [name.removesuffix("_minor") for name in TABLE_COLUMNS[kind]]
    used = {name for row in cells.values() for name in row} | set(REQUIRED[kind])
    columns = {
        name: pl.Series([row.get(name) for row in cells.values()], dtype=pl.String)
        for name in known
        if name in used
    }
    return Sheet(pl.DataFrame({ROW: pl.Series(list(cells), dtype=pl.Int64), **columns}))
