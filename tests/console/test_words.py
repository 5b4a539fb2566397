"""Words for numbers: edges that the doctests leave out."""

from datetime import date

import pytest

from shrinkwatch.console import words


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [(0, "GBP", "£0.00"), (99.999, "USD", "$100.00"), (1_000_000, "EUR", "€1,000,000")],
)
def test_money(amount: float, currency: str, said: str) -> None:
    assert words.money(amount, currency) == said


def test_yen_have_no_decimals_and_dinars_three() -> None:
    assert words.money(50, "JPY") == "¥50"
    assert words.money(50, "KWD") == "KWD\N{NO-BREAK SPACE}50.000"


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.5, "1 in 2"),
        (1 / 3, "1 in 3"),
        (0.0999, "1 in 10"),
        (1 / 83, "1 in 83"),
        (1 / 9_876, "1 in 9,900"),
        (1 / 123_456, "fewer than 1 in 10,000"),
        (1.0, "10 in 10"),
    ],
)
def test_odds(probability: float, said: str) -> None:
    assert words.odds(probability) == said


def test_a_probability_is_never_rounded_to_certainty() -> None:
    assert words.percent(0.9999) == ">\N{NO-BREAK SPACE}99\N{NO-BREAK SPACE}%"
    assert words.percent(0.994) == "99\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "< 1 %"), (0.004, "< 1 %"), (0.05, "5.0 %"), (1.0, "> 99 %")]
)
def test_nothing_is_certain_and_nothing_impossible(share: float, said: str) -> None:
    assert words.probability(share) == said.replace(" ", "\N{NO-BREAK SPACE}")


def test_one_is_not_said_in_the_plural() -> None:
    assert words.number(1.0, "receipts") == "1 receipt"
    assert words.number(0.4, "receipts") == "0.4 receipts"
    assert words.counted(0, "rows") == "0 rows"


def test_money_values_are_said_in_their_currency() -> None:
    assert words.number(12.5, "GBP", "GBP") == "£12.50"


def test_a_span_over_a_month_and_a_year() -> None:
    assert words.span(date(2026, 2, 27), date(2026, 3, 2)) == "27 Feb – 2 Mar 2026"
    assert words.span(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"


def test_an_unknown_scheme_keeps_its_name() -> None:
    assert words.scheme_title("of_our_own") == "of our own"
