"""`shrinkwatch rules`: what is watched for, what each suspicion needs, and whether it works."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.rules.book import RuleBook
    from shrinkwatch.rules.rule import Rule


class Wish(StrEnum):
    """What to do with the rules."""

    list = "list"
    test = "test"


def rules(
    wish: Annotated[
        Wish, typer.Argument(help="**list** them or **test** their worked examples.")
    ] = Wish.list,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """List the rules, or run the worked examples that stand in them.

    A rule is a TOML file; your own go into the workspace's `rules` folder, where a file of
    the same id takes the place of one that ships.

    **Examples**

    - `shrinkwatch rules`
    - `shrinkwatch rules test`
    """
    from shrinkwatch.run import settings
    from shrinkwatch.run.rulebook import read_book

    book = read_book(workspace, settings.read(workspace))
    if wish is Wish.test:
        _test(book, json)
    else:
        _list(book, workspace, json)


def _list(book: "RuleBook", workspace: Path, json: bool) -> None:
    from shrinkwatch.run import terminal

    if json:
        terminal.print_json(
            {"rules": [_document(rule) for rule in book.rules], "refused": book.refused}
        )
        return
    said = terminal.out()
    listed = terminal.table("", "rule", "scheme and whose", "needs")
    for rule in book.rules:
        mark = "[green]on[/]" if rule.on else "[dim]off[/]"
        name = f"[bold]{rule.id}[/]\n[dim]{terminal.plain(_said(rule))}[/]"
        whose = f"{rule.scheme}\n[dim]{rule.subject}[/]"
        listed.add_row(mark, name, whose, "\n".join(map(terminal.plain, rule.needs)))
    said.print(listed)
    on = sum(rule.on for rule in book.rules)
    said.print(f"{on} of {len(book.rules)} rules are on. Your own go into {workspace / 'rules'}.")
    _say_refused(book)


def _said(rule: "Rule") -> str:
    """Return the rule's sentence with letters in the place of its numbers."""
    blanks = dict.fromkeys(("value", "typical", "tail", "loss"), "…")
    return rule.sentence.format(hits="N", exposure="M", **blanks)


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


def _say_refused(book: "RuleBook") -> None:
    from shrinkwatch.run import terminal

    for bad in book.refused:
        terminal.complain(f"{bad.file} is not used: {bad.why}")


def _document(rule: "Rule") -> dict[str, Any]:
    kept = ("id", "title", "scheme", "subject", "kind", "needs", "sentence", "source", "on")
    return {name: getattr(rule, name) for name in kept}
