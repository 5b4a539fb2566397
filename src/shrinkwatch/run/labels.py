"""Takes in what people found when they looked, and says which alerts still wait for an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import msgspec
import polars as pl
import xxhash

from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.cases.chain import ChainSeal
from shrinkwatch.intake.cells import ROW, Sheet
from shrinkwatch.intake.tables import ALLOWED, table_of
from shrinkwatch.journal.places import Places
from shrinkwatch.ports import Clock
from shrinkwatch.records.alert import Alert, NaturalKey
from shrinkwatch.records.deed import Actor
from shrinkwatch.records.scheme import scheme_ids
from shrinkwatch.records.tables import Tables
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.audit import about_alerts, note
from shrinkwatch.run.load import LoadReport, load
from shrinkwatch.run.opened import Opened
from shrinkwatch.run.receipts import key_of
from shrinkwatch.run.rulebook import nearest
from shrinkwatch.run.settings import Settings
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring import conflicts
from shrinkwatch.scoring.answers import Answers, answers, outcomes
from shrinkwatch.scoring.conflicts import Barred, Person

OUTCOMES = ALLOWED["labels.outcome"]
_LEAST_ID = 4
_HANDS = {"transactions": ("tx_key", "operator_id")}

SECOND_SHARE = 0.1
"""Of the answered alerts, one in ten is shown to a second person: alerts are few, and of fewer
double answers nobody's reliability could be told. Our choice; RELIABILITY asks for 2 % at least."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of the alerts, as known at a time.

    outcomes: alert id -> what it came to, in a word; only of those answered. right: of those that
    are settled, whether their subject had done it. unnamed: authors whom the settings do not name,
    whose conflicts of interest nobody can check.
    """

    alerts: tuple[Alert, ...]
    answers: Answers
    barred: tuple[Barred, ...]
    outcomes: dict[str, str]
    right: dict[str, bool]
    again: tuple[str, ...]
    unnamed: tuple[str, ...]


def said(desk: Opened, now: datetime | None = None) -> Said:
    """Return what was said of the workspace's alerts; those answered are closed.

    now: aware, until when answers count; None means the clock's.
    """
    tables = desk.journal.tables()
    now = datetime.now(UTC) if now is None else now
    return said_of(desk.alerts.all(), tables, desk.settings, desk.workspace.journal, now)


def said_of(
    alerts: Sequence[Alert],
    tables: Tables,
    settings: Settings,
    journal: StoredJournal,
    now: datetime,
) -> Said:
    """Return what the labels of these tables say of these alerts, with what counts and why not."""
    labels = tables["labels"]
    known = conflicts.people(settings.labeller, tables["operators"])
    mine = labels.filter(
        pl.col("by").str.strip_chars().str.to_lowercase().is_in(list(known)).fill_null(value=False)
    )
    barred = conflicts.barred(
        mine,
        alerts,
        known,
        _hands(journal, mine, alerts, known),
        own_store=settings.labels.own_store,
    )
    ids = {one.row_id for one in barred}
    found = answers(labels, alerts, ids, settings.labels.trusted, now)
    came_to = outcomes(found.given, alerts)
    words = dict(came_to.select("alert_id", "outcome").iter_rows())
    right = dict(came_to.drop_nulls("positive").select("alert_id", "positive").iter_rows())
    once = set(came_to.filter(people=1)["alert_id"])
    again = [one.alert_id for one in alerts if one.alert_id in once and _wants_second(one)]
    closed = tuple(
        msgspec.structs.replace(one, status="closed") if one.alert_id in words else one
        for one in alerts
    )
    everybody = {author.name or "somebody who did not sign" for author in found.authors}
    trusted = {conflicts.called(name) for name in settings.labels.trusted}
    unnamed = tuple(sorted(everybody - known.keys() - trusted))
    return Said(closed, found, tuple(barred), words, right, tuple(again), unnamed)


def _wants_second(alert: Alert) -> bool:
    """Return whether a second person is to look: a lot that falls the same way every time."""
    lot = xxhash.xxh3_64_intdigest(f"second\x1f{alert.alert_id}".encode())
    return bool(lot < SECOND_SHARE * 2**64)


def _hands(
    journal: StoredJournal,
    labels: pl.DataFrame,
    alerts: Sequence[Alert],
    known: Mapping[str, Person],
) -> dict[NaturalKey, str]:
    """Return who rang up the receipts that these labels are about, where their authors have ids."""
    by_id = {alert.alert_id: alert.transactions for alert in alerts}
    wanted: dict[int, NaturalKey] = {}
    for row in labels.iter_rows(named=True):
        stores = {store for store, _ in known[conflicts.called(row["by"])].ids}
        receipt = conflicts.receipt_of(row)
        keys = by_id.get(row["alert_id"], ()) if receipt is None else (receipt,)
        wanted |= {key_of(key): key for key in keys if key.store_id in stores}
    if not wanted:
        return {}
    found = journal.receipts(list(wanted), _HANDS).transactions
    rows = found.select("tx_key", "operator_id").drop_nulls().iter_rows()
    return {wanted[tx_key]: operator for tx_key, operator in rows if tx_key in wanted}


def label_file(workspace: Workspace, file: Path) -> LoadReport:
    """Record the labels of a CSV or Parquet file, as `load --as labels` does."""
    return load([file], workspace, as_kind="labels")


def label_alert(
    desk: Opened,
    alert_id: str,
    word: str,
    *,
    by: str,
    loss: str | None,
    scheme: str | None,
    at: datetime | None,
    clock: Clock,
    actor: Actor | None = None,
) -> Alert:
    """Record what one alert came to and return the alert.

    alert_id: an id or its beginning, from four signs on. loss: in the currency's unit, as written.
    at: aware, when it was answered; None means now. actor: who records it, for the audit log;
    None: whoever is logged in.
    Raises: Refused, naming what would be right.
    """
    alert = find_alert(desk.alerts.all(), alert_id)
    now = clock()
    _refuse_wrong(word, scheme, at, now)
    cells: dict[str, str | None] = {
        "at": (now if at is None else at).isoformat(),
        "by": by,
        "outcome": word,
        "loss": loss,
        "currency": alert.currency if loss is not None else None,
        "alert_id": alert.alert_id,
        "scheme": scheme,
    }
    if not take_label(desk.workspace, cells, now):
        return alert  # the same answer was recorded before
    told = {"outcome": word, "signed": ChainSeal.of(desk.workspace.key).pseudonym(by)}
    told |= {} if scheme is None else {"scheme": scheme}
    note(desk.workspace, "label_given", about_alerts([alert]), told, by=actor)
    return alert


def take_label(workspace: Workspace, cells: dict[str, str | None], now: datetime) -> bool:
    """Record one label, and return whether it is new.

    cells: as in a row of the contract's labels. now: when it arrives.
    Raises: Refused, naming what cannot be.
    """
    frame = pl.DataFrame({ROW: [1], **{name: [cell] for name, cell in cells.items()}})
    texts = frame.with_columns(pl.exclude(ROW).cast(pl.String))
    journal = workspace.journal
    places = Places.of(journal.tables()["stores"], time_zone=None, currency=None)
    read = table_of(Sheet(texts), "labels", workspace.key, places, "label")
    if read.rejects:
        raise Refused(f"{read.rejects[0].sentence}; nothing was recorded")
    return bool(journal.append_table("labels", read.frame, now))


def find_alert(alerts: Sequence[Alert], text: str) -> Alert:
    """Return the alert whose id begins so.

    Raises: Refused, naming the nearest.
    """
    typed = text.strip().casefold()
    found = [one for one in alerts if one.alert_id.startswith(typed)]
    if len(typed) >= _LEAST_ID and len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise Refused(f"{text} could be {len(found)} alerts; write more of the id")
    if not alerts:
        raise Refused("there are no alerts yet: run `shrinkwatch score`")
    short = [one.alert_id[: max(len(typed), 6)] for one in alerts]
    near = get_close_matches(typed, short, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "`shrinkwatch label` lists those that wait"
    raise Refused(f"no alert's id begins with {text}; {hint}")


def _refuse_wrong(word: str, scheme: str | None, at: datetime | None, now: datetime) -> None:
    if word not in OUTCOMES:
        raise Refused(f"{word} is no outcome; it is one of {', '.join(OUTCOMES)}")
    if scheme is not None and scheme not in scheme_ids():
        advice = nearest(scheme, sorted(scheme_ids()))
        raise Refused(f"no scheme is called {scheme}; {advice}")
    if at is not None and at > now:
        raise Refused(f"{at:%Y-%m-%d %H:%M} lies in the future; --at says when it was answered")
