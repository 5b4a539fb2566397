"""`shrinkwatch label`: what people found when they looked, and what still waits for an answer."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.run.labels import Said
    from shrinkwatch.run.opened import Opened

_TIMES = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d"]


def label(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="ALERT_ID|FILE.csv",
            help="The alert (its id's beginning), or a table of labels.",
            show_default=False,
        ),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Argument(
            metavar="OUTCOME",
            help="theft, policy_breach, error, training_need, legitimate or unknown.",
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who found it out.", show_default="the login name"),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="What was lost, like 12.50.")
    ] = None,
    scheme: Annotated[
        str | None, typer.Option(metavar="ID", help="Which scheme it was after all.")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=_TIMES, metavar="TIME", help="When (UTC without an offset).", show_default="now"
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Record what an alert came to; without arguments, list the alerts that wait for an answer.

    Nothing is overwritten: a second answer of the same person counts in the place of the first,
    answers of different people stand side by side. `unknown` is no answer. Answers on oneself
    (settings, `[[labeller]]`) are kept and do not count.

    **Examples**

    - `shrinkwatch label`
    - `shrinkwatch label 3f2a9c theft --by kim --loss 412.50`
    - `shrinkwatch label cases.csv`

    docs/guide/answer-alerts.md says more.
    """
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    if what is None:
        _list(desk, json)
    elif outcome is not None:
        _one(desk, what, outcome, by, loss, scheme, at, json)
    elif Path(what).is_file():
        if any(given is not None for given in (by, loss, scheme, at)):
            raise typer.BadParameter("--by, --loss, --scheme and --at are columns of the file")
        _file(desk, Path(what), json)
    else:
        raise typer.BadParameter(f"{what} is no file; to answer an alert say its OUTCOME too")


def _one(
    desk: "Opened",
    what: str,
    outcome: str,
    by: str | None,
    loss: str | None,
    scheme: str | None,
    at: datetime | None,
    json: bool,
) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.labels import label_alert, said
    from shrinkwatch.run.settings import login_name

    when = at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
    name = login_name() if by is None else by
    word = outcome.strip().lower().replace("-", "_")
    alert = label_alert(desk, what, word, by=name, loss=loss, scheme=scheme, at=when, clock=_now)
    told = said(desk)
    why = next((one.why for one in told.barred if _is(one, alert.alert_id, name)), None)
    if json:
        answer = {"alert_id": alert.alert_id, "outcome": word, "by": name, "counts": why is None}
        terminal.print_json({"recorded": answer, "why_not": why})
        return
    out = terminal.out()
    who = terminal.plain(name)
    out.print(f"Recorded: alert {alert.alert_id[:6]} is {terminal.plain(word)}, says {who}.")
    if why is not None:
        out.print(f"[yellow]It is kept and does not count:[/] {terminal.plain(why)}.")
    elif word == "unknown":
        out.print("Unknown is no answer: the alert goes on waiting for one.")


def _is(barred: Any, alert_id: str, name: str) -> bool:
    return bool(barred.alert_id == alert_id and barred.by == name)


def _now() -> datetime:
    return datetime.now(UTC)


def _file(desk: "Opened", file: Path, json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.labels import label_file, said

    report = label_file(desk.workspace, file)
    table, told = report.tables[file.name], said(desk)
    rejected = sum(report.rejected.values())
    if json:
        counts = {"rows": table.rows, "new": table.changed, "rejected": report.rejected}
        terminal.print_json({**counts, "examples": report.examples, "barred": told.barred})
    else:
        out = terminal.out()
        out.print(f"{table.rows:,} labels, {table.changed:,} of them new; {rejected:,} rejected.")
        for reason, example in report.examples.items():
            out.print(f"[red]{terminal.plain(reason)}[/]: {terminal.plain(example)}")
        _say_barred(told)
    if rejected and not table.rows:
        raise typer.Exit(1)


def _list(desk: "Opened", json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import about_alerts, note
    from shrinkwatch.run.commands.alerts import ranking
    from shrinkwatch.run.labels import said

    told = said(desk)
    waiting = [one for one in told.alerts if one.alert_id not in told.outcomes]
    again = [one for one in told.alerts if one.alert_id in told.again]
    if waiting:
        note(desk.workspace, "export_made" if json else "alert_shown", about_alerts(waiting))
    if json:
        terminal.print_json(
            {
                "waiting": waiting,
                "second_answer_wanted": again,
                "outcomes": told.outcomes,
                "barred": told.barred,
                "authors": told.answers.authors,
            }
        )
        return
    out = terminal.out()
    if waiting:
        out.print(ranking(waiting, desk))
        out.print(
            f"{len(waiting):,} alerts wait for an answer: "
            f"[bold]shrinkwatch label {waiting[0].alert_id[:6]} OUTCOME[/]"
        )
    elif told.alerts:
        out.print(f"No alert waits for an answer; all {len(told.alerts):,} have one.")
    else:
        out.print("No alerts yet: run [bold]shrinkwatch score[/].")
    if again:
        ids = ", ".join(one.alert_id[:6] for one in again)
        out.print(f"Chosen by lot, a second person should answer too: {ids}")
    _say_barred(told)
    _say_flagged(told)


def _say_barred(told: "Said") -> None:
    from shrinkwatch.run import terminal

    for one in told.barred:
        terminal.out().print(
            f"[yellow]Does not count:[/] {terminal.plain(one.by)} on {terminal.plain(one.about)}: "
            f"{terminal.plain(one.why)}."
        )


def _say_flagged(told: "Said") -> None:
    from shrinkwatch.run import terminal

    for one in told.answers.authors:
        if one.flagged is not None:
            terminal.out().print(
                f"[yellow]Weighs less:[/] what {terminal.plain(one.name)} says; "
                f"{terminal.plain(one.flagged)}."
            )
