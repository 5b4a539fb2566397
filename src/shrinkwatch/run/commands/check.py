"""`shrinkwatch check`: what is wrong here, and what to do."""

from pathlib import Path
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

_MOST_SHOWN = 50
_RAW_SHOWN = 300


def check(
    feeds: Annotated[
        bool,
        typer.Option(
            "--feeds", metavar="", help="Show what each feed can and cannot show, week by week."
        ),
    ] = False,
    rejects: Annotated[
        bool,
        typer.Option(
            "--rejects", metavar="", help="List the records that could not be read, newest first."
        ),
    ] = False,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Say what is wrong with settings, rules, tables and feeds, and what to do about it.

    Exits with 1 when something is wrong, so that a nightly job can ask. With --rejects it lists
    each record that could not be read: why, where it stood, and its bytes without card numbers. One
    whose transaction was accepted later is settled: it is counted, not listed (--json has it).
    With --feeds it shows for every feed which schemes can be seen and what the others would take,
    and week by week what was missing, mistimed and broken, and which fields were given.

    **Examples**

    - `shrinkwatch check`
    - `shrinkwatch check --feeds`
    - `shrinkwatch check --rejects`
    """
    if rejects:
        _list_rejects(workspace, json)
    else:
        _look(workspace, json, feeds=feeds)


def _look(workspace: Path, json: bool, *, feeds: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.check import check as look
    from shrinkwatch.run.feed_tables import say_feeds

    checked = look(workspace)
    answers = checked.answers
    wrong = sum(answer.level == "wrong" for answer in answers)
    if json:
        terminal.print_json({"wrong": wrong, "answers": answers, "feeds": checked.feeds})
    elif feeds and checked.feeds is not None:
        say_feeds(checked.feeds)
    else:
        said = terminal.out()
        colours = {"fine": "green", "note": "yellow", "wrong": "bold red"}
        listed = terminal.table("", "about", "what was seen", "what to do")
        for answer in answers:
            mark = f"[{colours[answer.level]}]{answer.level}[/]"
            listed.add_row(mark, *map(terminal.plain, (answer.about, answer.says, answer.do)))
        said.print(listed)
        amount = "One thing is" if wrong == 1 else f"{wrong} things are"
        said.print(f"{amount} wrong." if wrong else "Nothing is wrong.")
    if wrong:
        raise typer.Exit(1)


def _list_rejects(workspace: Path, json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.check import rejects
    from shrinkwatch.run.terminal import plain

    kept = rejects(workspace)
    if json:
        terminal.print_json({"rejects": kept})
        return
    said = terminal.out()
    still_open = [one for one in kept if not one.settled]
    for one in still_open[:_MOST_SHOWN]:
        said.print(f"[bold]{plain(one.reason)}[/] {plain(one.where)}: {plain(one.sentence)}")
        said.print(f"  [dim]{plain(one.raw[:_RAW_SHOWN])}[/]", soft_wrap=True)
    if not kept:
        said.print("No record was ever rejected.")
    elif len(still_open) > _MOST_SHOWN:
        said.print(
            f"{len(still_open) - _MOST_SHOWN:,} older ones: "
            "[bold]shrinkwatch check --rejects --json[/]"
        )
    if settled := len(kept) - len(still_open):
        was = "record was" if settled == 1 else "records were"
        said.print(f"{settled:,} {was} rejected and accepted since: nothing is left to do there.")
