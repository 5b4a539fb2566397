"""An alert as a person reads it: names, words, plots, and receipts on paper."""

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from shrinkwatch.cases.marks import parts
from shrinkwatch.cases.receipt import Desk, Row, margin, receipt
from shrinkwatch.console import plots, words
from shrinkwatch.console.material import Report, Store
from shrinkwatch.records.alert import Alert, NaturalKey, Reason
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.transaction import Transaction

MAX_RECEIPTS = 6
"""Receipts printed per alert; the rest are named and can be printed with `shrinkwatch receipt`."""


class ReasonView(Struct, frozen=True):
    """A reason with the words of its peers and, where it can be drawn, their plot."""

    reason: Reason
    value: str
    typical: str
    odds: str
    plot: plots.PeersPlot | None


class Paper(Struct, frozen=True):
    """A receipt to show: its rows, each with the margin that says marked or voided.

    remark: why it stands here, where it is not itself a receipt of the alert.
    """

    key: str
    remark: str
    rows: tuple[tuple[str, Row], ...]


class AlertView(Struct, frozen=True):
    """A subject's most valuable alert in words; `others`: its alerts of other weeks."""

    rank: int
    alert: Alert
    others: tuple[str, ...]
    who: str
    store: str | None
    schemes: tuple[tuple[str, str], ...]
    at_stake: str
    loss: str
    probability: str
    when: str
    related: tuple[str, ...]
    reasons: tuple[ReasonView, ...]
    timeline: plots.Timeline | None
    papers: tuple[Paper, ...]
    shown: int


def key_text(key: NaturalKey) -> str:
    """Return a transaction's key as people type it: store/number or store/till/date/number.

    >>> key_text(NaturalKey("pos", "S7", transaction_id="A-1"))
    'S7/A-1'
    """
    if key.transaction_id is not None:
        return f"{key.store_id}/{key.transaction_id}"
    return f"{key.store_id}/{key.register_id}/{key.business_date}/{key.sequence}"


def store_name(store_id: str | None, report: Report) -> str | None:
    """Return what to call a store; None for no store."""
    if store_id is None:
        return None
    known = report.stores.get(store_id)
    return f"Store {store_id}" if known is None or known.name is None else known.name


def _where(alert: Alert, report: Report) -> str | None:
    """Return the store of the subject; of one that belongs to no store, where it was seen."""
    if alert.subject.store_id is not None:
        return store_name(alert.subject.store_id, report)
    seen = {key.store_id for key in alert.transactions}
    return store_name(seen.pop(), report) if len(seen) == 1 else f"{len(seen)} stores"


def _zone(alert: Alert, report: Report) -> tzinfo:
    ids = [alert.subject.store_id, *(key.store_id for key in alert.transactions)]
    known = [report.stores[id_] for id_ in ids if id_ is not None and id_ in report.stores]
    return ZoneInfo(known[0].zone) if known else UTC


def view(rank: int, alerts: Sequence[Alert], report: Report) -> AlertView:
    """Return the first of a subject's alerts in words; rank: its place on the page, from 1."""
    alert = alerts[0]
    zone = _zone(alert, report)
    subject = alert.subject
    found = [key for key in alert.transactions if key in report.receipts]
    shown = found[-MAX_RECEIPTS:]
    return AlertView(
        rank=rank,
        alert=alert,
        others=tuple(
            f"{words.span(other.window.from_, other.window.to)} ({other.alert_id[:6]})"
            for other in alerts[1:]
        ),
        who=report.names.of(subject.type, subject.id, subject.store_id),
        store=_where(alert, report),
        schemes=tuple(
            (words.scheme_title(s.id), words.probability(s.probability)) for s in alert.schemes
        ),
        at_stake=words.money(alert.probability * alert.expected_loss, alert.currency),
        loss=words.money(alert.expected_loss, alert.currency),
        probability=words.probability(alert.probability),
        when=words.span(alert.window.from_.astimezone(zone), alert.window.to.astimezone(zone)),
        related=tuple(
            f"{other.role}: {report.names.of(other.type, other.id, subject.store_id)}"
            for other in alert.related
        ),
        reasons=tuple(_reason(reason, alert.currency) for reason in alert.reasons),
        timeline=_timeline(alert, [report.receipts[key] for key in found], zone),
        papers=tuple(paper for key in shown for paper in _papers(key, alert, report)),
        shown=len(shown),
    )


def _reason(reason: Reason, currency: str) -> ReasonView:
    value = words.number(reason.value, reason.unit, currency)
    compared = reason.peers
    if compared is None:
        return ReasonView(reason, value, "", "", None)
    return ReasonView(
        reason,
        value,
        words.number(compared.typical, reason.unit, currency),
        words.odds(compared.tail_probability),
        plots.peers(reason.value, compared.typical, compared.tail_probability),
    )


def _timeline(alert: Alert, transactions: list[Transaction], zone: tzinfo) -> plots.Timeline | None:
    times = []
    for transaction in transactions:
        at = transaction.ended_at or transaction.began_at
        if at is not None:
            at = at.replace(tzinfo=zone) if at.tzinfo is None else at
            label = f"{words.day(at.astimezone(zone))} {at.astimezone(zone):%H:%M}"
            if transaction.net is not None:
                label += f", {words.money(float(transaction.net), alert.currency)}"
            times.append((at, label))
    if not times:
        return None
    return plots.timeline(times, alert.window.from_, alert.window.to, zone)


def came_before(key: NaturalKey) -> NaturalKey | None:
    """Return the key of the receipt that this till numbered just before, None where unnumbered."""
    if key.sequence is None or key.transaction_id is not None:
        return None
    return msgspec.structs.replace(key, sequence=key.sequence - 1)


def _papers(key: NaturalKey, alert: Alert, report: Report) -> Iterator[Paper]:
    """Yield a receipt; before an opening of the drawer, the void or cancel that it came after."""
    before = came_before(key) if report.receipts[key].type == "no_sale" else None
    if before is not None and _takes_back(report.receipts.get(before)):
        yield _paper(before, alert, report, f"just before {key.sequence}")
    yield _paper(key, alert, report)


def _takes_back(transaction: Transaction | None) -> bool:
    return transaction is not None and (
        transaction.type == "void" or transaction.status == "cancelled"
    )


def _paper(key: NaturalKey, alert: Alert, report: Report, remark: str = "") -> Paper:
    transaction = report.receipts[key]
    store = report.stores.get(key.store_id, Store())
    desk = Desk(
        names=report.names,
        zone=ZoneInfo(store.zone),
        decimals=minor_decimals(transaction.currency or alert.currency),
        store_name=store.name,
        marked=parts(tuple(scheme.id for scheme in alert.schemes)),
    )
    rows = receipt(transaction, desk)
    return Paper(key_text(key), remark, tuple((margin(row), row) for row in rows))
