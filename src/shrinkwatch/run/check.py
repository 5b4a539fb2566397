"""What is wrong in a workspace, and what to do about it."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from shrinkwatch.models.promotions import champions
from shrinkwatch.records.trouble import Trouble
from shrinkwatch.rules.feeds.finding import level_of, named
from shrinkwatch.run.feeds import Feeds, feeds
from shrinkwatch.run.hooks import secrets_of
from shrinkwatch.run.labels import said
from shrinkwatch.run.notify.channels import notifier, outbox_of
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


class Checked(Struct, frozen=True):
    """All that was looked at, in the order in which it matters; feeds: None without a workspace."""

    answers: tuple[Answer, ...]
    feeds: Feeds | None = None


def check(folder: Path, today: Callable[[], date] | None = None) -> Checked:
    """Return what was looked at.

    today: for mutes that are over and times in the future; None means the clock's date in UTC.
    """
    now = (today or _today)()
    answers = list(_settings(folder, now))
    try:
        desk = opened(folder)
    except Trouble as trouble:
        no_desk = Answer("wrong", "workspace", str(trouble), "shrinkwatch init DIR")
        return Checked((*answers, no_desk))
    seen = feeds(desk, now)
    answers += [*_key(desk), *_rules(desk), *_tables(desk, seen), *_feeds(seen), *_loads(seen)]
    return Checked(
        (
            *(*answers, *_rejects(desk), *_alerts(desk), *_labels(desk), *_models(desk)),
            *_channels(desk),
        ),
        seen,
    )


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


def _tables(desk: Opened, seen: Feeds) -> Iterator[Answer]:
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
    unknown = sorted(set(seen.stores) - set(stores["store_id"]))
    if unknown and not stores.is_empty():
        yield Answer(
            "wrong",
            "stores table",
            f"stores that send receipts are not in it: {named(unknown)}",
            "add them and load the table again",
        )


def _feeds(seen: Feeds) -> Iterator[Answer]:
    if not seen.transactions:
        yield Answer("wrong", "feeds", "no transactions", "shrinkwatch load FILE")
        return
    stores = f"{seen.transactions:,} transactions of {len(seen.stores)} stores"
    yield Answer("fine", "feeds", stores)
    for source in seen.sources:
        for sentence in source.headlines:
            yield Answer("fine", "feeds", sentence, "shrinkwatch check --feeds lists them")
    for finding in (finding for source in seen.sources for finding in source.findings):
        yield Answer(finding.level, "feeds", finding.says, finding.do)


def _loads(seen: Feeds) -> Iterator[Answer]:
    having = [load for load in seen.loads if load.conflicting]
    if having:
        count, of = sum(load.conflicting for load in having), sum(load.read for load in having)
        yield Answer(
            level_of(count, of),
            "loads",
            f"{count:,} of {of:,} records said otherwise of a transaction that was known already, "
            f"without being a revision of it; last loaded on {having[-1].at:%Y-%m-%d}",
            "ask whoever exports for revision numbers; the first of them counts",
        )


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


def _labels(desk: Opened) -> Iterator[Answer]:
    told = said(desk)
    if not told.answers.authors and not told.barred:
        yield Answer("note", "labels", "nobody has answered an alert yet", "shrinkwatch label")
        return
    settled = f"{len(told.outcomes):,} of {len(told.alerts):,} alerts are answered"
    yield Answer("fine", "labels", settled)
    whys = Counter((one.by, one.why) for one in told.barred)
    for (by, why), count in sorted(whys.items()):
        answers = "answer does" if count == 1 else "answers do"
        yield Answer("note", "labels", f"{count:,} {answers} not count: {by}, as {why}")
    for author in told.answers.authors:
        if author.flagged is not None:
            yield Answer(
                "wrong",
                "labels",
                f"{author.name} {author.flagged}; these answers weigh less",
                "let a second person look at some of the same alerts",
            )
    if told.unnamed:
        yield Answer(
            "note",
            "labels",
            f"whether they judge themselves cannot be checked of: {named(told.unnamed)}",
            f"say in {desk.folder / FILE_NAME}, [[labeller]], who they are at the till",
        )


def _channels(desk: Opened) -> Iterator[Answer]:
    """Yield which channels and hooks cannot be opened, and what was parked."""
    for route in desk.settings.notify:
        try:
            notifier(desk, route)
        except Trouble as trouble:
            yield Answer("wrong", "messages", str(trouble), f"edit {desk.folder / route.url_file}")
    for hook in desk.settings.hook:
        try:
            secrets_of(desk.workspace, hook)
        except Trouble as trouble:
            yield Answer("wrong", "hooks", str(trouble), f"edit {desk.folder / hook.secrets_file}")
    if parked := outbox_of(desk).rows("parked"):
        says = f"{len(parked):,} did not arrive and are parked, last: {parked[-1].trouble}"
        yield Answer("wrong", "messages", says, "shrinkwatch notify list, then release")
    elif desk.settings.notify:
        waiting = len(outbox_of(desk).rows("waiting"))
        yield Answer("fine", "messages", f"none is parked, {waiting:,} wait")


def _models(desk: Opened) -> Iterator[Answer]:
    registry = desk.workspace.models
    kept, told = registry.last_good(), registry.history()
    crowned = champions(told.entries)
    for sentence in () if kept is None else kept.skipped:
        yield Answer("wrong", "models", sentence, "shrinkwatch models rollback --why TEXT")
    if kept is not None:
        last = kept.manifest.data.last
        yield Answer("fine", "models", f"{kept.manifest.model_id} verifies; learned until {last}")
    elif crowned or told.trouble is not None:
        says = told.trouble or f"champion {crowned[-1]} does not verify, and none before it does"
        yield Answer("wrong", "models", says, "shrinkwatch models lists why; train again")
    else:
        yield Answer("note", "models", "no learned model is champion; rules and peers judge")
