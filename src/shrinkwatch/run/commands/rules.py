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


class Wish(StrEnum):
    """What to do with the rules."""

    list = "list"
    test = "test"
    lift = "lift"


def rules(
    wish: Annotated[
        Wish,
        typer.Argument(
            help="**list** them, **test** their worked examples, or measure their **lift** on "
            "known thefts."
        ),
    ] = Wish.list,
    lookalikes: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="With lift: honest look-alikes to count beside.", exists=True
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """List the rules, run the worked examples that stand in them, or measure them.

    A rule is a TOML file; your own go into the workspace's `rules` folder, where a file of
    the same id takes the place of one that ships. The lift is the share of thefts where a rule
    fires over their share everywhere; it needs the table of incidents.

    **Examples**

    - `shrinkwatch rules`
    - `shrinkwatch rules test`
    - `shrinkwatch rules lift --lookalikes feed/lookalikes.csv`
    """
    from shrinkwatch.run import settings
    from shrinkwatch.run.rulebook import read_book

    book = read_book(workspace, settings.read(workspace))
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
    """Return how often the rule fired, on how many thefts, and on which look-alikes most."""
    from shrinkwatch.console.words import percent

    said = f"fired {one.fired:,} of {one.exposed:,} times, {one.thefts:,} on known thefts"
    kind, share = max(one.lookalikes.items(), key=lambda item: item[1], default=("", 0.0))
    if not share:
        return said
    return f"{said}; of honest look-alikes most on {kind.replace('_', ' ')}: {percent(share)}"


def _say_refused(book: "RuleBook") -> None:
    from shrinkwatch.run import terminal

    for bad in book.refused:
        terminal.complain(f"{bad.file} is not used: {bad.why}")


def _document(rule: "Rule") -> dict[str, Any]:
    kept = ("id", "title", "scheme", "subject", "kind", "needs", "sentence", "source", "on")
    return {name: getattr(rule, name) for name in kept}
