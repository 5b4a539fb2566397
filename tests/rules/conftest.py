"""A small rule and small frames, to change one thing at a time."""

from collections.abc import Callable

import polars as pl
import pytest

from shrinkwatch.rules.examples import example_frame
from shrinkwatch.rules.rule import Example, Rule, frame_columns, parse_rule

KNOWN = frame_columns()


def _rule(**changes) -> Rule:
    parts = {
        "id": "dear_void",
        "title": "Dear lines voided",
        "scheme": "late_line_void",
        "subject": "operator",
        "kind": "count",
        "at_risk": "type = 'sale' AND cash_minor > 0",
        "fires": "voided_lines > 0",
        "loss": "voided_minor",
        "sentence": "{hits} of {exposure} sales; peers: {typical}; {value}.",
        "unit": "receipts",
        "severity": "low",
        "needs": ["lines.voided"],
        "source": "made up",
    } | changes
    lines = [f"{key} = {value!r}" for key, value in parts.items() if value is not None]
    text = "\n".join(lines).replace("= True", "= true").replace("= False", "= false")
    return parse_rule(text, KNOWN)


def _frame(*rows: dict[str, object]) -> pl.DataFrame:
    return example_frame([Example("", row, "aside") for row in rows], KNOWN)


@pytest.fixture(scope="session")
def a_rule() -> Callable[..., Rule]:
    """Makes the rule "dear lines voided", with some of its keys changed."""
    return _rule


@pytest.fixture(scope="session")
def frame() -> Callable[..., pl.DataFrame]:
    """Makes a frame of receipts of which only the columns given are known."""
    return _frame
