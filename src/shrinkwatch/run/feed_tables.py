"""Prints how the feeds are on a terminal: what they can show, and how they were week by week."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shrinkwatch.rules.feeds.source import SourceHealth
from shrinkwatch.rules.feeds.weeks import FieldWeeks
from shrinkwatch.rules.fields import fields
from shrinkwatch.run import terminal
from shrinkwatch.run.feeds import Feeds
from shrinkwatch.run.load_notes import LoadNote
from shrinkwatch.run.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

_MARKS = {"visible": "[green]yes[/]", "partly": "[yellow]partly[/]", "not": "[red]no[/]"}
_WEEKS = 26
_LOADS = 20
_BARS = "▁▂▃▄▅▆▇█"
_COUNTS = ("receipts", "numbers missing", "clock set back", "mistimed", "broken")


def say_feeds(feeds: Feeds) -> None:
    """Print every source's schemes, findings, weeks and fields, then the latest loads."""
    said = terminal.out()
    if not feeds.sources:
        said.print("No transactions were ever loaded.")
    for source in feeds.sources:
        _say_schemes(said, source)
        _say_findings(said, source)
        _say_weeks(said, source)
        _say_fields(said, source)
    if feeds.loads:
        _say_loads(said, feeds.loads[-_LOADS:])


def bars(shares: Sequence[float | None]) -> str:
    """Return a bar per share (0 to 1); a dot for none at all, a space where it is unknown.

    >>> bars([1.0, 0.5, 0.001, 0.0, None])
    '█▅▁· '
    """
    return "".join(
        " " if share is None else "·" if share == 0 else _BARS[min(int(share * 8), 7)]
        for share in shares
    )


def weekly_shares(field: FieldWeeks) -> list[float | None]:
    """Return the field's share of rows per week, set against its fullest week; None: no rows."""
    shares = [
        None if of == 0 else given / of for given, of in zip(field.given, field.of, strict=True)
    ]
    fullest = max((share for share in shares if share is not None), default=0.0) or 1.0
    return [None if share is None else share / fullest for share in shares]


def _say_schemes(said: "Console", source: SourceHealth) -> None:
    columns = ("no.", "seen", "scheme", "hunted by", "why", "what it would take")
    title = f"What {plain(source.source)} can and cannot show"
    listed = terminal.table(*columns, title=title, right=("no.",))
    for one in source.schemes:
        listed.add_row(
            str(one.number),
            _MARKS[one.verdict],
            plain(one.title),
            ", ".join(one.rules) or ("[dim]no rule[/]" if not one.watched else "[dim]none here[/]"),
            plain(one.sentence),
            plain("; ".join(one.takes)),
        )
    said.print(listed)
    for sentence in source.headlines:
        said.print(plain(sentence))


def _say_findings(said: "Console", source: SourceHealth) -> None:
    said.print()
    for finding in source.findings:
        colour = "bold red" if finding.level == "wrong" else "yellow"
        said.print(f"[{colour}]{finding.level}[/] {plain(finding.says)}")
        said.print(f"      [dim]{plain(finding.do)}[/]")
    if not source.findings:
        said.print(f"Nothing is odd about {plain(source.source)}.")


def _say_weeks(said: "Console", source: SourceHealth) -> None:
    title = f"{plain(source.source)} week by week"
    listed = terminal.table("week of", *_COUNTS, title=title, right=_COUNTS)
    for week in source.weeks[-_WEEKS:]:
        counts = (week.receipts, week.missing, week.set_back, week.mistimed, week.broken)
        listed.add_row(str(week.monday), *(f"{count:,}" if count else "·" for count in counts))
    said.print(listed)


def _say_fields(said: "Console", source: SourceHealth) -> None:
    title = f"What {plain(source.source)} gave, week by week against its fullest week"
    listed = terminal.table("field", "given on", "weeks", title=title, right=("given on",))
    for field in source.fields:
        given, of = sum(field.given), sum(field.of)
        counted = fields()[field.field].of is not None
        share = f"{given / of:.1%}" if counted else f"{given:,} times"
        listed.add_row(field.field, share, bars(weekly_shares(field)[-_WEEKS:]))
    said.print(listed)


def _say_loads(said: "Console", loads: Sequence[LoadNote]) -> None:
    counts = ("accepted", "duplicate", "revised", "conflicting", "rejected")
    listed = terminal.table("loaded at (UTC)", "files", *counts, title="Loads", right=counts)
    for load in loads:
        listed.add_row(
            f"{load.at:%Y-%m-%d %H:%M}",
            plain(", ".join(load.files)),
            *(f"{getattr(load, name):,}" for name in counts[:-1]),
            f"{sum(load.rejected.values()):,}",
        )
    said.print(listed)
