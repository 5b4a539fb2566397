"""An alert: a lead for a person to look at, with what accuses, what exonerates and what is unknown.

The document is fixed by CONTRACT §4; `msgspec.json.encode(alert)` is that document.
"""

import hashlib
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

SubjectType = Literal[
    "operator",
    "card",
    "loyalty",
    "customer",
    "register",
    "sku",
    "store",
    "approver",
    "vendor",
    "receipt",
]
AlertStatus = Literal["new", "assigned", "in_review", "closed"]


class Subject(Struct, frozen=True):
    """Whose conduct the alert is about. A card's or customer's subject has no store."""

    type: SubjectType
    id: str
    store_id: str | None = None


class Related(Struct, frozen=True):
    """Somebody or something that took part, e.g. role "paid back to", type "card"."""

    role: str
    type: str
    id: str


class SchemeProbability(Struct, frozen=True):
    """How probable it is that the subject does this scheme (records/schemes.toml)."""

    id: str
    probability: float


class Window(Struct, frozen=True, rename={"from_": "from"}):
    """The time that the evidence spans."""

    from_: datetime
    to: datetime


class Peers(Struct, frozen=True):
    """What the subject was compared with."""

    group: str
    typical: float
    tail_probability: float


class Reason(Struct, frozen=True):
    """One sentence that accuses, with its number, its peers and where the rule comes from."""

    sentence: str
    feature: str
    value: float
    unit: str
    peers: Peers | None
    source: str


class Exonerating(Struct, frozen=True):
    """One sentence that speaks for the subject."""

    sentence: str


class Versions(Struct, frozen=True):
    """What judged: enough to repeat the judgement."""

    rules: str
    model: str
    features: str
    code: str


class NaturalKey(Struct, frozen=True, omit_defaults=True):
    """The contract's key of a transaction: the first two and an id, or the till's numbering."""

    source: str
    store_id: str
    transaction_id: str | None = None
    register_id: str | None = None
    business_date: date | None = None
    sequence: int | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """The alert document of CONTRACT §4. Money is in the currency's unit, not minor units."""

    alert_id: str
    opened_at: datetime
    updated_at: datetime
    status: AlertStatus = "new"
    subject: Subject
    related: tuple[Related, ...] = ()
    schemes: tuple[SchemeProbability, ...]
    probability: float
    expected_loss: float
    currency: str
    window: Window
    transactions: tuple[NaturalKey, ...]
    reasons: tuple[Reason, ...]
    exonerating: tuple[Exonerating, ...] = ()
    missing: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    chosen_by: Literal["score", "audit"] = "score"
    propensity: float = 1.0
    versions: Versions


def alert_id(subject: Subject, opened_on: date) -> str:
    """Return the id of the alert on this subject in the ISO week of `opened_on`.

    opened_on: the store's local date on which it opens; any day of the week gives the same id.
    Source: CONTRACT §4 (hash of subject type, store, id and store-local ISO week).
    """
    year, week, _ = opened_on.isocalendar()
    text = "\x1f".join((subject.type, subject.store_id or "", subject.id, f"{year}-W{week:02d}"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]
