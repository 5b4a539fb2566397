"""`shrinkwatch score`: from the journal to the leads."""

from datetime import datetime
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import DATES, HERE, Json, Workspace


def score(
    since: Annotated[
        datetime | None,
        typer.Option(formats=DATES, metavar="DATE", help="Raise alerts only from this day on."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=DATES, metavar="DATE", help="Stop after this day."),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Replay the journal in the order of arrival and raise the alerts that are worth a review.

    Running it again changes nothing. With --since, the days before still warm the memory.

    **Examples**

    - `shrinkwatch score`
    - `shrinkwatch score --since 2026-03-01`
    """
    from shrinkwatch.console.words import counted
    from shrinkwatch.run import terminal
    from shrinkwatch.run.commands.alerts import say_ranking
    from shrinkwatch.run.opened import opened
    from shrinkwatch.run.score import score as replay

    if since is not None and until is not None and until < since:
        raise typer.BadParameter("--until lies before --since: no day is left")
    desk = opened(workspace)
    first = None if since is None else since.date()
    last = None if until is None else until.date()
    with terminal.progress(hidden=json) as tell:
        found = replay(desk.workspace, since=first, until=last, progress=tell)
    if json:
        terminal.print_json(found)
        return
    said = terminal.out()
    if not found.days and desk.journal.days():
        said.print("Nothing has arrived or changed since the last run.")
    elif found.days:
        replayed = f"{counted(found.transactions, 'transactions')} of {counted(found.days, 'days')}"
        said.print(f"Replayed {replayed} in {found.seconds:.1f} s.")
    if found.differs:
        said.print(
            f"What came late changes what was raised live: {len(found.differs.new)} new, "
            f"{len(found.differs.gone)} gone, {len(found.differs.changed)} changed; "
            "[bold]--json[/] names them."
        )
    if found.silent:
        rules = counted(len(found.silent), "rules")
        said.print(
            f"{rules} stayed silent for lack of fields; the report and "
            "[bold]shrinkwatch load[/] say which schemes this feed cannot show."
        )
    say_ranking(desk.alerts.all(), desk)
