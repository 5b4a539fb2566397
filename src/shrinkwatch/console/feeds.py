"""A feed as a person reads it: what it can show, what is odd about it, and its weeks."""

from collections.abc import Sequence

from msgspec import Struct

from shrinkwatch.console import plots, words
from shrinkwatch.rules.detectability import Visibility
from shrinkwatch.rules.feeds.finding import FeedFinding
from shrinkwatch.rules.feeds.source import SourceHealth
from shrinkwatch.rules.feeds.weeks import FieldWeeks, Week
from shrinkwatch.rules.fields import fields

_SEEN = {"visible": "yes", "partly": "partly", "not": "no"}


class Sight(Struct, frozen=True):
    """Whether a scheme can be seen in a feed. seen: "yes", "partly" or "no"."""

    scheme: str
    seen: str
    hunted: str
    why: str


class WeeklyRow(Struct, frozen=True):
    """Something counted week by week: its name, its sum in words, and its drawing in words too.

    wanted: whether a week without any is odd (a field's), or as it should be (a fault's).
    """

    name: str
    total: str
    strip: plots.Strip
    spoken: str
    wanted: bool


class FeedView(Struct, frozen=True):
    """One source in words. sights: what can be seen first. weeks: the first and last Monday."""

    source: str
    headlines: tuple[str, ...]
    sights: tuple[Sight, ...]
    findings: tuple[FeedFinding, ...]
    counts: tuple[WeeklyRow, ...]
    fields: tuple[WeeklyRow, ...]
    weeks: str


def feed_view(feed: SourceHealth) -> FeedView:
    """Return one source's feed in words and drawings."""
    order = tuple(_SEEN.values())
    sights = [_sight(one) for one in feed.schemes]
    return FeedView(
        source=feed.source,
        headlines=feed.headlines,
        sights=tuple(sorted(sights, key=lambda sight: order.index(sight.seen))),
        findings=tuple(sorted(feed.findings, key=lambda one: one.level != "wrong")),
        counts=tuple(_counts(feed.weeks)),
        fields=tuple(_field_row(one) for one in feed.fields),
        weeks=_span(feed.weeks[-plots.STRIP_WEEKS :]),
    )


def _sight(one: Visibility) -> Sight:
    hunted = ", ".join(one.rules) or ("no rule" if not one.watched else "its rules lack fields")
    why = f"{one.sentence} It would take: {'; '.join(one.takes)}." if one.takes else one.sentence
    return Sight(one.title, _SEEN[one.verdict], hunted, why)


def _counts(weeks: Sequence[Week]) -> list[WeeklyRow]:
    series = {
        "receipts": [week.receipts for week in weeks],
        "receipt numbers that never came": [week.missing for week in weeks],
        "a till's clock ran back": [week.set_back for week in weeks],
        "late, of the future or far from their date": [week.mistimed for week in weeks],
        "broken identities": [week.broken for week in weeks],
    }
    return [
        _row(name, f"{sum(values):,}", values, wanted=name == "receipts")
        for name, values in series.items()
    ]


def _field_row(one: FieldWeeks) -> WeeklyRow:
    shares = [given / of if of else None for given, of in zip(one.given, one.of, strict=True)]
    given, of = sum(one.given), sum(one.of)
    counted = fields()[one.field].of is not None
    total = words.percent(given / of) if counted and of else f"{given:,} times"
    return _row(one.field, total, shares, wanted=True)


def _row(name: str, total: str, values: Sequence[float | None], *, wanted: bool) -> WeeklyRow:
    known = [value for value in values if value is not None]
    empty = sum(value == 0 for value in known)
    spoken = f"{name}: {total} in {words.counted(len(known), 'weeks')}, none in {empty:,} of them"
    return WeeklyRow(name, total, plots.strip(values), spoken, wanted)


def _span(weeks: Sequence[Week]) -> str:
    if not weeks:
        return ""
    return f"weeks of {words.span(weeks[0].monday, weeks[-1].monday)}"
