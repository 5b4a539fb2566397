"""`shrinkwatch mute`: a known cause stays silent until a date."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import DATES, HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.records.mute import Mute


def mute(
    rule: Annotated[str | None, typer.Option(metavar="ID", help="A rule.")] = None,
    scheme: Annotated[str | None, typer.Option(metavar="ID", help="A scheme.")] = None,
    store: Annotated[str | None, typer.Option(metavar="ID", help="A store.")] = None,
    sku: Annotated[str | None, typer.Option(metavar="SKU", help="An item, in a recall.")] = None,
    subject: Annotated[
        str | None,
        typer.Option(metavar="SUBJECT", help="TYPE:STORE/ID or TYPE:ID, like customer:12346."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=DATES, metavar="DATE", help="The first day; else from ever."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=DATES, metavar="DATE", help="The last day of the silence."),
    ] = None,
    because: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The known cause, for later readers.")
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Silence a known cause, such as a recall or a training day, until a date.

    What one mute names must all hold. It is written into the workspace's settings, where it can be
    changed or taken out again. Without options, the mutes are listed.

    **Examples**

    - `shrinkwatch mute --sku 4006381333931 --until 2026-03-31 --because "recall of the batch"`
    - `shrinkwatch mute --store S07 --rule void_then_drawer --until 2026-03-02 --because training`
    """
    from shrinkwatch.cases.find import written
    from shrinkwatch.records.mute import Mute
    from shrinkwatch.run import settings

    if subject is not None and ":" in subject:
        about = written(subject)
        subject, store = about.id, about.store_id or store
    named = {"rule": rule, "scheme": scheme, "store": store, "sku": sku, "subject": subject}
    if until is None and because is None and not any(named.values()):
        _list(settings.read(workspace).mute, json)
        return
    if not any(named.values()):
        raise typer.BadParameter("say what: --rule, --scheme, --store, --sku or --subject")
    if until is None or not because:
        raise typer.BadParameter("say until when and why: --until DATE --because TEXT")
    first = None if since is None else since.date()
    if first is not None and first > until.date():
        raise typer.BadParameter("--from lies after --until")
    made = Mute(until=until.date(), because=because, since=first, **named)
    _refuse_unknown(made, workspace)
    settings.add_mute(workspace, made)
    _note(made, workspace)
    _say(made, workspace, json)


def _refuse_unknown(made: "Mute", workspace: Path) -> None:
    from shrinkwatch.records.scheme import scheme_ids
    from shrinkwatch.run import settings
    from shrinkwatch.run.rulebook import nearest, read_book

    if made.scheme is not None and made.scheme not in scheme_ids():
        advice = nearest(made.scheme, sorted(scheme_ids()))
        raise typer.BadParameter(f"no scheme is called {made.scheme}; {advice}")
    if made.rule is not None:
        known = [rule.id for rule in read_book(workspace, settings.read(workspace)).rules]
        if made.rule not in known:
            raise typer.BadParameter(f"no rule is called {made.rule}; {nearest(made.rule, known)}")


def _note(made: "Mute", workspace: Path) -> None:
    from shrinkwatch.run.audit import note
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    told = {name: getattr(made, name) for name in ("rule", "scheme", "store", "sku")}
    if made.subject is not None:
        told["subject"] = desk.names.pseudonym("subject", made.subject, made.store)
    known = {name: value for name, value in told.items() if value is not None}
    note(desk.workspace, "mute_made", f"until {made.until}", known)


def _say(made: "Mute", workspace: Path, json: bool) -> None:
    from shrinkwatch.run import settings, terminal

    if json:
        terminal.print_json({"mute": made})
        return
    said = terminal.out()
    said.print(f"Silent until {made.until}: {terminal.plain(_what(made))}.")
    said.print(
        f"Written to {terminal.plain(workspace / settings.FILE_NAME)}; "
        "run [bold]shrinkwatch score[/] to see the alerts without it."
    )


def _list(mutes: "tuple[Mute, ...]", json: bool) -> None:
    from shrinkwatch.run import terminal

    if json:
        terminal.print_json({"mutes": mutes})
        return
    said = terminal.out()
    if not mutes:
        said.print("Nothing is muted. See [bold]shrinkwatch mute --help[/] for how.")
        return
    listed = terminal.table("what", "from", "until", "because")
    for each in mutes:
        since = "" if each.since is None else str(each.since)
        cells = (_what(each), since, str(each.until), each.because)
        listed.add_row(*map(terminal.plain, cells), style=_faded(each.until))
    said.print(listed)


def _faded(until: date) -> str:
    return "dim" if until < datetime.now(UTC).date() else ""


def _what(made: "Mute") -> str:
    kinds = ("rule", "scheme", "store", "sku", "subject")
    return ", ".join(f"{kind} {getattr(made, kind)}" for kind in kinds if getattr(made, kind))
