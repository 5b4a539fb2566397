"""A report of three made-up alerts, with names that would love to be HTML."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from shrinkwatch.cases.names import Names
from shrinkwatch.console.material import Feed, Report, Sight, Store
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
        sights=(
            Sight("Post-void of a finished sale", "yes", "everything it needs is there"),
            Sight("Price inquiry skim", "no", "the feed has no price inquiries"),
        ),
        ceiling=5,
        made_at=datetime(2026, 4, 28, 6, 0, tzinfo=UTC),
    )
