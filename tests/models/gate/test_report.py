"""A report says in a few words what stood in the way."""

from datetime import date

import pytest

from shrinkwatch.models.gate.report import Check, GateReport
from shrinkwatch.models.promotions import Verdict


@pytest.mark.parametrize(
    ("verdict", "passed", "why"),
    [
        ("passed", (True, True), "all checks passed"),
        ("refused", (False, None), "failed: a; unknown: b"),
        ("unknown", (True, None), "unknown: b"),
        ("same", (True, None), "gives the champion's probabilities"),
    ],
)
def test_why(verdict: Verdict, passed: tuple[bool | None, ...], why: str) -> None:
    checks = [Check(name, one, None, 0.0, "") for name, one in zip("ab", passed, strict=True)]
    day = date(2026, 3, 2)
    report = GateReport(
        challenger="c", champion=None, verdict=verdict, first=day, last=day, subjects=0, answers=0,
        positive=0, checks=tuple(checks), reliability={}, precision=(), stores=(),
    )  # fmt: skip
    assert report.why == why
