"""`shrinkwatch rules`: what is watched for, what each suspicion needs, and whether it works."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.rules.book import RuleBook
    from shrinkwatch.rules.lift import Lift
    from shrinkwatch.rules.rule import Rule


_LOOKALIKES = 3
_SELDOM = 0.001
"""Look-alikes are named from this share of their receipts on."""


class Wish(StrEnum):
    """What to do with the rules."""

    list = "list"
    test = "test"
    lift = "lift"
    columns = "columns"


def rules(
    wish: Annotated[
        Wish,
        typer.Argument(
            help="**list** them, **test** their worked examples, measure their **lift** on "
            "known thefts, or list the **columns** that a rule may name."
        ),
    ] = Wish.list,
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help="Only rules in whose id this stands; columns, in whose name or meaning.",
            show_default=False,
        ),
    ] = "",
    lookalikes: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="With lift: honest look-alikes to count beside.", exists=True
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """List the rules, run the worked examples that stand in them, measure them, or write one.

    A rule is a TOML file; your own go into the workspace's `rules` folder, where a file of
    the same id takes the place of one that ships. The lift is the share of thefts where a rule
    fires over their share everywhere; it needs the table of incidents.

    **Examples**

    - `shrinkwatch rules`
    - `shrinkwatch rules test`
    - `shrinkwatch rules lift --lookalikes feed/lookalikes.csv`
    - `shrinkwatch rules lift void_then_no_sale`
    - `shrinkwatch rules columns refund`

    docs/guide/write-a-rule.md writes one, step by step.
    """
    from shrinkwatch.run import settings
    from shrinkwatch.run.rulebook import holding, read_book

    if wish is Wish.columns:
        _columns(text, json)
        return
    book = holding(read_book(workspace, settings.read(workspace)), text)
    if wish is Wish.test:
        _test(book, json)
    elif wish is Wish.lift:
        _lift(book, workspace, lookalikes, json)
    else:
        _list(book, workspace, json)


def _list(book: "RuleBook", workspace: Path, json: bool) -> None:
    from rich.padding import Padding

    from shrinkwatch.run import terminal

    if json:
        terminal.print_json(
            {"rules": [_document(rule) for rule in book.rules], "refused": book.refused}
        )
        return
    said = terminal.out()
    for rule in book.rules:
        mark = "[green]on [/]" if rule.on else "[dim]off[/]"
        whose = f"scheme {rule.scheme}, counted per {rule.subject}"
        said.print(f"{mark} [bold]{rule.id}[/] [dim]{terminal.plain(whose)}[/]", soft_wrap=True)
        said.print(Padding(terminal.plain(_said(rule)), (0, 0, 0, 4)))
        said.print(Padding(f"[dim]needs {terminal.plain(_needs(rule))}[/]", (0, 0, 1, 4)))
    on = sum(rule.on for rule in book.rules)
    said.print(f"{on} of {len(book.rules)} rules are on. Your own go into {workspace / 'rules'}.")
    _say_refused(book)


def _columns(text: str, json: bool) -> None:
    from shrinkwatch.records.trouble import Refused
    from shrinkwatch.run import terminal
    from shrinkwatch.run.rule_columns import rule_columns

    found = rule_columns(text)
    if json:
        terminal.print_json({"columns": found})
        return
    if not found:
        raise Refused(f"no column's name or meaning holds {text}; try one word, or none for all")
    listed = terminal.table("column", "holds", "unit", "what it says")
    for one in found:
        says = f"{one.says}: {', '.join(one.words)}" if one.words else one.says
        listed.add_row(*map(terminal.plain, (one.name, one.holds, one.unit, says)))
    terminal.out().print(listed)


def _said(rule: "Rule") -> str:
    """Return the rule's sentence with letters in the place of its numbers."""
    blanks = dict.fromkeys(("value", "typical", "tail", "loss"), "…")
    return rule.sentence.format(hits="N", exposure="M", **blanks)


def _needs(rule: "Rule") -> str:
    return ", ".join(need.replace(" | ", " or ") for need in rule.needs)


def _test(book: "RuleBook", json: bool) -> None:
    from shrinkwatch.rules.examples import failures
    from shrinkwatch.rules.rule import frame_columns
    from shrinkwatch.run import terminal

    known = frame_columns()
    failed = {rule.id: failures(rule, known) for rule in book.rules}
    examples = sum(len(rule.example) for rule in book.rules)
    wrong = [sentence for sentences in failed.values() for sentence in sentences]
    if json:
        document = {"rules": len(book.rules), "examples": examples, "failed": wrong}
        terminal.print_json({**document, "refused": book.refused})
    else:
        said = terminal.out()
        for sentence in wrong:
            said.print(f"[red]wrong[/] {terminal.plain(sentence)}")
        said.print(
            f"{examples} worked examples of {len(book.rules)} rules; {len(wrong)} went wrong."
        )
        _say_refused(book)
    if wrong or book.refused:
        raise typer.Exit(1)


def _lift(book: "RuleBook", workspace: Path, lookalikes: Path | None, json: bool) -> None:
    from rich.padding import Padding

    from shrinkwatch.run import terminal
    from shrinkwatch.run.lift import lifts
    from shrinkwatch.run.opened import opened

    journal = opened(workspace).journal
    with terminal.progress(hidden=json) as tell:
        found = lifts(journal, book.rules, lookalikes, tell)
    if json:
        terminal.print_json({"lifts": found})
        return
    said = terminal.out()
    for rule, one in zip(book.rules, found, strict=True):
        mark = "[green]on [/]" if rule.on else "[dim]off[/]"
        said.print(f"{mark} [bold]{rule.id:<30}[/] {_lift_said(one)}", soft_wrap=True)
        said.print(Padding(f"[dim]{terminal.plain(_firings_said(one))}[/]", (0, 0, 0, 4)))
    said.print(
        "\nA lift of 5: a theft is five times as frequent where the rule fires as everywhere. A "
        "rule whose interval reaches down to 1 tells nothing; it is wider than shown where a few "
        "thieves made most of the thefts."
    )


def _lift_said(one: "Lift") -> str:
    if not one.fired:
        return "never fired"
    colour = "green" if one.tells else "yellow"
    interval = f"{_figure(one.low)}–{_figure(one.high)}"
    return f"lift [{colour}]{_figure(one.lift)}[/] ({interval})"


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _firings_said(one: "Lift") -> str:
    """Return how often the rule fired, on how many thefts, and on what share of look-alikes."""
    from shrinkwatch.console.words import percent

    said = f"fired {one.fired:,} of {one.exposed:,} times, {one.thefts:,} on known thefts"
    often = [item for item in one.lookalikes.items() if item[1] >= _SELDOM]
    most = sorted(often, key=lambda item: -item[1])[:_LOOKALIKES]
    named = ", ".join(f"{kind.replace('_', ' ')} {percent(share)}" for kind, share in most)
    return f"{said}; of honest look-alikes most on {named}" if named else said


def _say_refused(book: "RuleBook") -> None:
    from shrinkwatch.run import terminal

    for bad in book.refused:
        terminal.complain(f"{bad.file} is not used: {bad.why}")


def _document(rule: "Rule") -> dict[str, Any]:
    kept = ("id", "title", "scheme", "subject", "kind", "needs", "sentence", "source", "on")
    return {name: getattr(rule, name) for name in kept}
