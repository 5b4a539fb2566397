"""`shrinkwatch load`: files in, and what the feed can show."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shrinkwatch.rules.detectability import Visibility
    from shrinkwatch.run.load import LoadReport
    from shrinkwatch.run.opened import Opened

_NUMBERS = ("rows", "new or changed")
_OUTCOMES = ("accepted", "duplicate", "revised", "conflicting")
_MOST_TAKES = 5
_MARKS = {"visible": "[green]yes[/]", "partly": "[yellow]partly[/]", "not": "[red]no[/]"}


class Kind(StrEnum):
    """What a file holds, where its content does not say."""

    transactions = "transactions"
    stores = "stores"
    registers = "registers"
    operators = "operators"
    items = "items"
    shifts = "shifts"
    till_sessions = "till_sessions"
    stock_moves = "stock_moves"
    stock_counts = "stock_counts"
    store_days = "store_days"
    labels = "labels"
    incidents = "incidents"


def load(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="Files of any known format.", exists=True),
    ],
    as_kind: Annotated[
        Kind | None,
        typer.Option(
            "--as",
            metavar="KIND",
            help="A kind of table, where the content does not say: stores, items …",
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            metavar="MAP.toml",
            help="How to read a table of your own shape: a file, or one that ships by its name.",
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Read files into the journal and say which schemes they can and cannot show.

    Formats are recognised by content: newline-delimited JSON (plain, .gz, .zst), ARTS POSLog, CSV
    and Parquet, and the tables beside the tills. Loading twice changes nothing.

    A record that cannot be taken is rejected alone. Exits with 1 when nothing else of its file was
    taken either, or when it was stopped early; what was taken of other files is kept.

    **Examples**

    - `shrinkwatch load tills.ndjson.zst stores.csv operators.csv`
    - `shrinkwatch load export.csv --mapping mappings/export.toml`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.load import load as read_in
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    kind = None if as_kind is None else as_kind.value
    with terminal.progress(hidden=json) as tell:
        done = read_in(files, desk.workspace, as_kind=kind, mapping=mapping, progress=tell)
    seen = _visible(done, desk)
    if json:
        terminal.print_json({"load": done, "detectability": seen})
    else:
        _say_loaded(done)
        _say_visible(seen, done)
    for file, count in done.failed.items():
        terminal.complain(_failure(file, count))
    if done.interrupted or done.failed:
        raise typer.Exit(1)


def _visible(done: "LoadReport", desk: "Opened") -> "dict[str, tuple[Visibility, ...]]":
    """Return what each source that was loaded can show, by source."""
    from shrinkwatch.rules.detectability import detectability
    from shrinkwatch.run.rulebook import rules_on

    rules = rules_on(desk.folder, desk.settings)
    return {profile.source: detectability(profile, rules) for profile in done.profiles}


def _failure(file: str, count: int) -> str:
    records = "its only record was" if count == 1 else f"all {count:,} of its records were"
    return (
        f"nothing of {file} was taken: {records} rejected. Mend what the reasons name (they are "
        "listed by `shrinkwatch check --rejects`) and load the file again."
    )


def _say_loaded(done: "LoadReport") -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.terminal import plain

    said = terminal.out()
    if done.tables:
        beside = terminal.table("table", "file", "rows", "new or changed", right=_NUMBERS)
        for file, one in done.tables.items():
            beside.add_row(one.kind, plain(file), f"{one.rows:,}", f"{one.changed:,}")
        said.print(beside)
    counts = {word: getattr(done, word) for word in _OUTCOMES}
    if any(counts.values()) or done.rejected:
        counted = terminal.table("transactions", "", right=("transactions",))
        for word, count in counts.items():
            counted.add_row(f"{count:,}", word)
        counted.add_row(f"{sum(done.rejected.values()):,}", "rejected")
        said.print(counted)
    for sentence in (*_rejections(done), *_remarks(done)):
        said.print(f"[yellow]note[/] {plain(sentence)}")
    if done.interrupted:
        said.print("[yellow]Stopped early.[/] What is counted is kept; load again to go on.")
    said.print(f"[dim]{done.seconds:.1f} s[/]")


def _rejections(done: "LoadReport") -> "Iterator[str]":
    """Yield for each reason how many records were rejected, and what is wrong with one of them."""
    for reason, count in sorted(done.rejected.items(), key=lambda item: -item[1]):
        records = "record was" if count == 1 else "records were"
        yield f"{count:,} {records} rejected ({reason}): {done.examples[reason]}"
    if done.rejected:
        yield "each rejected record, with its place and its bytes: shrinkwatch check --rejects"


def _remarks(done: "LoadReport") -> "Iterator[str]":
    """Yield what a person should know of the load beside the counts."""
    from shrinkwatch.console.words import counted
    from shrinkwatch.records.finding import SENTENCES, Finding

    for why, count in done.skipped.items():
        yield f"{counted(count, 'rows')} skipped, as the mapping says: {why}"
    for name, count in done.unknown_fields.items():
        yield f"{counted(count, 'times')} a field that nobody knows: {name}"
    for name, count in done.findings.items():
        yield f"in {counted(count, 'transactions')} {SENTENCES[Finding[name]]}"
    if done.missing_numbers:
        missing = counted(done.missing_numbers, "receipt numbers")
        yield f"{missing} in {counted(done.gap_days, 'till-days')} never came"


def _say_visible(seen: "dict[str, tuple[Visibility, ...]]", done: "LoadReport") -> None:
    from shrinkwatch.rules.detectability import headlines
    from shrinkwatch.run import terminal
    from shrinkwatch.run.terminal import plain

    said = terminal.out()
    for profile in done.profiles:
        verdicts = seen[profile.source]
        title = f"What {plain(profile.source)} can and cannot show"
        listed = terminal.table("seen", "scheme", "why", title=title)
        for one in verdicts:
            if one.watched or one.verdict != "visible":
                listed.add_row(_MARKS[one.verdict], plain(one.title), plain(one.sentence))
        said.print(listed)
        for sentence in headlines(profile, verdicts):
            said.print(plain(sentence))
        for clause, count in _takes(verdicts):
            said.print(f" [dim]{count:>2} schemes more would take[/] {plain(clause)}")
    if done.profiles:
        said.print("Next: [bold]shrinkwatch score[/]")


def _takes(verdicts: "tuple[Visibility, ...]") -> list[tuple[str, int]]:
    """Return what would open most of the hunted schemes that cannot be seen: (what, how many)."""
    from collections import Counter

    blind = [one for one in verdicts if one.watched and one.verdict == "not"]
    clauses = Counter(clause for one in blind for clause in one.takes)
    return clauses.most_common(_MOST_TAKES)
