"""Writes the alert: who, what, when, at what loss, on which receipts, and what excuses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import polars as pl

from shrinkwatch.records.alert import (
    Alert,
    Exonerating,
    NaturalKey,
    Reason,
    SchemeProbability,
    Subject,
    Versions,
    Window,
    alert_id,
)
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring import words
from shrinkwatch.scoring.verdict import Verdict

_ID_COLUMNS = {
    "operator": "operator_id",
    "approver": "approver_id",
    "card": "card_token",
    "loyalty": "loyalty_id",
    "customer": "customer_id",
    "register": "register_id",
    "sku": "focus_sku",
    "store": "store_id",
}
_OF_A_STORE = ("operator", "approver", "register", "store", "receipt")


@dataclass(frozen=True, slots=True)
class Case:
    """A verdict and its receipts: `fired` of the window, `fresh` of the newest day with any.

    Both are firings (`scoring.evidence.DATED_FIRED`) of the accusing rules, in arrival order.
    later: the UTC day on which the subject was asked about again; None: `fresh` is of the day that
    is closed. dossier: one row, what a learned model saw of the case; None: none judged it.
    """

    verdict: Verdict
    fired: pl.DataFrame
    fresh: pl.DataFrame
    later: date | None = None
    dossier: pl.DataFrame | None = None

    @property
    def at(self) -> datetime:
        """When the last receipt arrived; of a case asked about again, the end of that day, UTC."""
        if self.later is not None:
            return datetime.combine(self.later, time(23, 59, 59), UTC)
        arrived: datetime = self.fresh.row(-1, named=True)["arrived_at"]
        return arrived

    @property
    def opens_on(self) -> date:
        """The store's date of the newest receipt."""
        last = self.fresh.row(-1, named=True)
        known: date = (
            last["local_date"] if last["local_date"] is not None else last["ended_at"].date()
        )
        return known

    @property
    def week(self) -> date:
        """The Monday of that date's week."""
        return self.opens_on - timedelta(self.opens_on.weekday())

    @property
    def store(self) -> str | None:
        """The store whose budget it takes; None for a subject that was seen in several."""
        stores = self.fired["store_id"].unique()
        return str(stores[0]) if stores.len() == 1 else None

    @property
    def currency(self) -> str:
        """The currency of most receipts."""
        return str(words.commonest(self.fired, "currency"))

    @property
    def value(self) -> float:
        """Probability x loss, in minor units."""
        return self.verdict.probability * self.verdict.loss_minor


def identify(case: Case) -> Subject:
    """Return the subject by the name it has on its receipts (the commonest, if it has several).

    A card whose token is not known is named by its key in hexadecimal, a receipt by its natural
    key.
    """
    kind = case.verdict.subject
    if kind == "receipt":
        row = case.fired.row(0, named=True)
        till = (row["register_id"], row["business_date"], row["sequence"])
        name = row["transaction_id"] or "/".join(str(part) for part in till)
        return Subject("receipt", name, row["store_id"])
    store = words.commonest(case.fired, "store_id") if kind in _OF_A_STORE else None
    receipts = case.fired if store is None else case.fired.filter(store_id=store)
    known = words.commonest(receipts, _ID_COLUMNS[kind])
    name = f"{case.verdict.key:016x}" if known is None else known
    return Subject(kind, name, store)  # type: ignore[arg-type]


def document(
    case: Case,
    rules: Sequence[Rule],
    silent: dict[str, str],
    tables: Tables,
    versions: Versions,
    before: Alert | None,
    heard: tuple[tuple[Reason, ...], tuple[Exonerating, ...]] = ((), ()),
) -> Alert:
    """Return the alert on this case.

    silent: rule id -> why it could not speak. before: the alert of the same subject and week that
    this brings up to date; its id, subject, opening time and status stay, and how it
    was chosen. heard: what earlier answers add to reasons and to what excuses.
    """
    verdict = case.verdict
    subject = identify(case) if before is None else before.subject
    accusing = [(row["rule"], rules[row["rule"]], row) for row in verdict.rules]
    shown = accusing[: words.MOST_REASONS]
    return Alert(
        alert_id=alert_id(subject, case.opens_on) if before is None else before.alert_id,
        opened_at=case.at if before is None else before.opened_at,
        updated_at=case.at,
        status="new" if before is None else before.status,
        subject=subject,
        related=words.related(verdict.subject, case.fired),
        schemes=tuple(SchemeProbability(id_, p) for id_, p in verdict.schemes.items()),
        probability=verdict.probability,
        expected_loss=round(verdict.loss_minor) / 10 ** minor_decimals(case.currency),
        currency=case.currency,
        window=Window(case.fired["ended_at"].min(), case.fired["ended_at"].max()),  # type: ignore[arg-type]
        transactions=_keys(case.fired),
        reasons=tuple(
            words.reason(rule, row, case.fired.filter(rule=place), case.currency)
            for place, rule, row in shown
        )
        + heard[0],
        exonerating=words.exonerations(shown, case.fired) + heard[1],
        missing=words.gaps(rules, tuple(verdict.schemes), silent, tables),
        chosen_by="score" if before is None else before.chosen_by,
        propensity=1.0 if before is None else before.propensity,
        versions=versions,
    )


def _keys(fired: pl.DataFrame) -> tuple[NaturalKey, ...]:
    """Return the natural keys of the receipts, oldest first, each once."""
    once = fired.sort("ended_at", "tx_key").unique("tx_key", keep="first", maintain_order=True)
    names = NaturalKey.__struct_fields__
    return tuple(NaturalKey(**row) for row in once.select(names).iter_rows(named=True))
