"""What is wrong in a workspace, and what to do about it."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from shrinkwatch.records.trouble import Trouble
from shrinkwatch.run.feeds import FeedState, feed_state
from shrinkwatch.run.opened import Opened, opened
from shrinkwatch.run.rulebook import read_book
from shrinkwatch.run.settings import FILE_NAME, read
from shrinkwatch.run.workspace import KEY_FILE

Level = Literal["fine", "note", "wrong"]

_WHY_TABLES = {
    "stores": "time zones, currencies, opening hours and formats of stores",
    "registers": "which lane is a self-checkout or a service desk",
    "operators": "roles, time in the job, and which ids are nobody",
}
_MAX_NAMED = 5
_MUCH = 0.01
"""From this share of transactions on a broken identity is wrong, not only worth a note."""


class Answer(Struct, frozen=True):
    """One thing looked at: how it is, what was seen, and what to do (empty: nothing)."""

    level: Level
    about: str
    says: str
    do: str = ""


class RejectedRecord(Struct, frozen=True):
    """A record that could not be read.

    raw: its bytes as text, card numbers taken out. file, place: where it stood (line, row or
    element number from 1), where known. settled: its transaction was accepted after all, later.
    """

    reason: str
    sentence: str
    raw: str
    file: str | None
    place: int | None
    settled: bool

    @property
    def where(self) -> str:
        """The place in words: `tills.ndjson, record 7`."""
        known = [self.file, None if self.place is None else f"record {self.place:,}"]
        return ", ".join(part for part in known if part is not None)


def rejects(folder: Path) -> tuple[RejectedRecord, ...]:
    """Return every record that could not be read, newest first."""
    found = [
        RejectedRecord(
            one.reason,
            one.sentence,
            one.raw.decode(errors="replace"),
            one.file,
            one.place,
            one.settled,
        )
        for one in opened(folder).journal.rejects()
    ]
    return tuple(reversed(found))


def check(folder: Path, today: Callable[[], date] | None = None) -> tuple[Answer, ...]:
    """Return what was looked at, in the order in which it matters.

    today: for mutes that are over; None means the clock's date in UTC.
    """
    answers = list(_settings(folder, (today or _today)()))
    try:
        desk = opened(folder)
    except Trouble as trouble:
        return (*answers, Answer("wrong", "workspace", str(trouble), "shrinkwatch init DIR"))
    state = feed_state(desk.journal)
    answers += [*_key(desk), *_rules(desk), *_tables(desk, state), *_feeds(state)]
    return (*answers, *_rejects(desk), *_alerts(desk))


def _today() -> date:
    return datetime.now(UTC).date()


def _settings(folder: Path, today: date) -> Iterator[Answer]:
    try:
        settings = read(folder)
    except Trouble as trouble:
        yield Answer("wrong", "settings", str(trouble), f"edit {folder / FILE_NAME}")
        return
    yield Answer("fine", "settings", "understood")
    over = [mute for mute in settings.mute if mute.until < today]
    if over:
        yield Answer(
            "note",
            "settings",
            f"{len(over)} of {len(settings.mute)} mutes are over",
            f"take them out of {folder / FILE_NAME}",
        )


def _key(desk: Opened) -> Iterator[Answer]:
    path = desk.folder / KEY_FILE
    if path.exists() and path.stat().st_mode & 0o077:
        yield Answer("wrong", "token key", f"{path} can be read by others", f"chmod 600 {path}")
    else:
        yield Answer("fine", "token key", "readable by its owner only")


def _rules(desk: Opened) -> Iterator[Answer]:
    try:
        book = read_book(desk.folder, desk.settings)
    except Trouble as trouble:
        yield Answer("wrong", "rules", str(trouble), f"edit {desk.folder / FILE_NAME}")
        return
    on = sum(rule.on for rule in book.rules)
    yield Answer("fine", "rules", f"{on} of {len(book.rules)} are on")
    for id_ in book.replaced:
        yield Answer("note", "rules", f"{id_}: your own file takes the place of the shipped rule")
    for bad in book.refused:
        yield Answer("wrong", "rules", f"{bad.file} is not used: {bad.why}", f"edit {bad.file}")


def _tables(desk: Opened, state: FeedState) -> Iterator[Answer]:
    tables = desk.journal.tables()
    for kind, why in _WHY_TABLES.items():
        if tables[kind].is_empty():  # type: ignore[index]
            yield Answer(
                "note",
                f"{kind} table",
                f"never loaded: without it nobody knows {why}",
                f"shrinkwatch load {kind}.csv",
            )
    stores = tables["stores"]
    unknown = sorted(set(state.stores) - set(stores["store_id"]))
    if unknown and not stores.is_empty():
        yield Answer(
            "wrong",
            "stores table",
            f"stores that send receipts are not in it: {_named(unknown)}",
            "add them and load the table again",
        )


def _feeds(state: FeedState) -> Iterator[Answer]:
    if not state.transactions:
        yield Answer("wrong", "feeds", "no transactions", "shrinkwatch load FILE")
        return
    stores = f"{state.transactions:,} transactions of {len(state.stores)} stores"
    yield Answer("fine", "feeds", stores)
    if state.dead_days:
        days = [f"{dead.store_id} on {dead.date}" for dead in state.dead_days]
        ask = "ask for these days' files and load them; a quiet store proves nothing"
        yield Answer(
            "wrong", "feeds", f"stores that usually trade sent nothing: {_named(days)}", ask
        )
    if state.missing_numbers:
        share = state.missing_numbers / state.numbered
        yield Answer(
            "wrong" if share > _MUCH else "note",
            "feeds",
            f"{state.missing_numbers:,} of {state.numbered:,} receipt numbers are missing",
            "ask whether the export leaves out cancelled or training receipts: schemes hide there",
        )
    for words, count in state.findings.items():
        level: Level = "wrong" if count > _MUCH * state.transactions else "note"
        yield Answer(level, "records", f"in {count:,} transactions {words}", "ask whoever exports")


def _rejects(desk: Opened) -> Iterator[Answer]:
    reasons: Counter[str] = Counter()
    first: dict[str, str] = {}
    settled = 0
    for reject in desk.journal.rejects():
        if reject.settled:
            settled += 1
        else:
            reasons[reject.reason] += 1
            first.setdefault(reject.reason, reject.sentence)
    for reason, count in reasons.most_common():
        records = "record" if count == 1 else "records"
        yield Answer(
            "wrong",
            "rejects",
            f"{count:,} {records} ({reason}), for example: {first[reason]}",
            "shrinkwatch check --rejects lists them; ask whoever exports",
        )
    if settled:
        was = "record that was rejected has" if settled == 1 else "records that were rejected have"
        yield Answer("fine", "rejects", f"{settled:,} {was} been accepted since")


def _alerts(desk: Opened) -> Iterator[Answer]:
    alerts = desk.alerts.all()
    if not alerts:
        yield Answer("note", "alerts", "none yet", "shrinkwatch score")
    elif len({alert.versions for alert in alerts}) > 1:
        yield Answer(
            "note", "alerts", "made by different versions of rules or model", "shrinkwatch score"
        )
    else:
        yield Answer("fine", "alerts", f"{len(alerts):,}, all of the same versions")


def _named(names: list[str]) -> str:
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")
