"""A report of three made-up alerts, with names that would love to be HTML."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shrinkwatch.cases.names import Names
from shrinkwatch.console.material import Feed, Load, Report, Store
from shrinkwatch.records.alert import (
    Alert,
    Exonerating,
    NaturalKey,
    Peers,
    Reason,
    Related,
    SchemeProbability,
    Subject,
    Versions,
    Window,
    alert_id,
)
from shrinkwatch.records.transaction import Event, Line, Original, Tender, Transaction
from shrinkwatch.rules.detectability import Verdict, Visibility
from shrinkwatch.rules.feeds.finding import FeedFinding
from shrinkwatch.rules.feeds.source import SourceHealth
from shrinkwatch.rules.feeds.weeks import FieldWeeks, Week

START = datetime(2026, 3, 2, 17, 5, tzinfo=UTC)
HOSTILE = "<script>alert('till')</script>\"'&{{ 7*7 }}"
_VERSIONS = Versions(rules="3f2a9c", model="tails-1", features="9c1b", code="0.1.0")


def key(number: int, store: str = "S07") -> NaturalKey:
    return NaturalKey(
        "pos", store, register_id="3", business_date=date(2026, 3, 2), sequence=number
    )


def post_void(number: int, at: datetime) -> Transaction:
    return Transaction(
        source="pos",
        store_id="S07",
        type="void",
        net=Decimal("-31.10"),
        currency="GBP",
        ended_at=at,
        register_id="3",
        sequence=number,
        operator_id="104",
        original=Original(register_id="3", sequence=number - 3),
        tenders=(Tender("cash", Decimal("-31.10")),),
        events=(Event("drawer_open", at + timedelta(seconds=41)),),
    )


def hostile_refund(number: int, at: datetime) -> Transaction:
    amount = Decimal("-24.99")
    line = Line(1, "return", "x", Decimal(-1), -amount, amount, HOSTILE, reason=HOSTILE)
    return Transaction(
        source="pos",
        store_id="S02",
        type="return",
        net=amount,
        currency="GBP",
        ended_at=at,
        register_id="3",
        sequence=number,
        operator_id="104",
        lines=(line,),
        tenders=(Tender("cash", amount),),
    )


def alert(subject: Subject, scheme: str, probability: float, loss: float, numbers: range) -> Alert:
    return Alert(
        alert_id=alert_id(subject, START.date()),
        opened_at=START + timedelta(days=9),
        updated_at=START + timedelta(days=20),
        subject=subject,
        related=(Related("approved by", "operator", "101"),),
        schemes=(SchemeProbability(scheme, probability), SchemeProbability("ghost_refund", 0.04)),
        probability=probability,
        expected_loss=loss,
        currency="GBP",
        window=Window(START, START + timedelta(days=20)),
        transactions=tuple(key(number, subject.store_id or "S07") for number in numbers),
        reasons=(
            Reason(
                "7 of 31 finished cash sales were taken back within 15 minutes; peers: 1 in 83.",
                "post_voids",
                0.23,
                "share",
                Peers("cashiers at staffed tills in the evening", 0.012, 1 / 40_000),
                "SCHEMES.md 1; trade literature",
            ),
            Reason(
                "None of these goods was rung up again.",
                "not_rung_again",
                7,
                "receipts",
                Peers("cashiers at staffed tills", 1.4, 0.0021),
                "rule post_void_not_rung_again",
            ),
            Reason(HOSTILE, "hostile", 3, "receipts", None, HOSTILE),
        ),
        exonerating=(
            Exonerating("Two of the seven were approved by a supervisor."),
            Exonerating(HOSTILE),
        ),
        missing=("No video is connected.", "Shifts were never loaded.", HOSTILE),
        versions=_VERSIONS,
    )


def visibility(number: int, scheme: str, title: str, verdict: Verdict) -> Visibility:
    seen = verdict == "visible"
    return Visibility(
        scheme=scheme,
        number=number,
        title=title,
        verdict=verdict,
        carried="all" if seen else "lacking",
        watched=seen,
        rules=("post_void_rate",) if seen else (),
        actors=("operator",),
        missing=() if seen else ("events.price_inquiry",),
        takes=() if seen else ("each price inquiry",),
        sharper=(),
        sentence="Can be seen." if seen else "No rule hunts it yet, and the feed lacks a field.",
    )


def source_health() -> SourceHealth:
    """Three weeks of a feed that lost its operators in the last, and what it can show."""
    monday = START.date()
    mondays = [monday + timedelta(weeks=week) for week in range(3)]
    return SourceHealth(
        source=HOSTILE,
        transactions=512_344,
        stores=("S02", "S07"),
        first=monday,
        last=monday + timedelta(days=20),
        headlines=("pos: of 41 schemes 1 can be seen.",),
        schemes=(
            visibility(8, "price_inquiry_skim", "Price inquiry skim", "not"),
            visibility(1, "post_void", "Post-void of a finished sale", "visible"),
        ),
        findings=(
            FeedFinding(
                about="fields",
                level="wrong",
                source=HOSTILE,
                count=120,
                of=512_344,
                says=f"operator_id stopped at {HOSTILE}",
                do="ask for the cashier's number",
            ),
        ),
        weeks=tuple(
            Week(day, receipts, 1_000, missing, 0, 0, 0)
            for day, receipts, missing in zip(mondays, (1_000, 500, 1_000), (0, 12, 3), strict=True)
        ),
        fields=(FieldWeeks("operator_id", (1_000, 250, 0), (1_000, 500, 1_000)),),
    )


@pytest.fixture
def report() -> Report:
    """Three alerts, best first; receipts of the first and second."""
    alerts = (
        alert(Subject("operator", "104", "S07"), "post_void", 0.93, 412.5, range(10, 21)),
        alert(
            Subject("operator", "118", "S02"), "refund_without_receipt", 0.71, 260, range(40, 43)
        ),
        alert(Subject("card", HOSTILE), "refund_to_other_card", 0.55, 96.4, range(60, 62)),
    )
    receipts = {
        key(n): post_void(n, START + timedelta(days=2 * n - 20, minutes=37 * n))
        for n in range(10, 21)
    }
    receipts |= {
        key(n, "S02"): hostile_refund(n, START + timedelta(days=n - 40)) for n in range(40, 43)
    }
    return Report(
        alerts=alerts,
        receipts=receipts,
        stores={"S07": Store("Riverside", "Europe/London"), "S02": Store(HOSTILE)},
        names=Names(b"a key"),
        feed=Feed(512_344, 20, START, START + timedelta(days=55)),
        feeds=(source_health(),),
        loads=(Load(START, (HOSTILE,), 512_344, 0, 2, 1, 7),),
        ceiling=5,
        made_at=datetime(2026, 4, 28, 6, 0, tzinfo=UTC),
    )
