"""`shrinkwatch audit`: who did or saw what, and whether the log is what was written."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.adapters.stores.audit import StoredAudit


class Wish(StrEnum):
    """What to do with the log."""

    list = "list"
    verify = "verify"
    anchor = "anchor"


def audit(
    wish: Annotated[
        Wish,
        typer.Argument(
            help="**list** the newest deeds, **verify** that none was changed, or print and keep "
            "the **anchor** of the log as it is now."
        ),
    ] = Wish.list,
    last: Annotated[
        int, typer.Option(min=1, metavar="N", help="With list: how many of the newest.")
    ] = 50,
    who: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With list: only deeds of this person, key or program."),
    ] = None,
    anchors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="With verify: anchors that you kept elsewhere.", exists=True
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Say who loaded, looked, answered, promoted or exported what; prove that nobody changed it.

    Each row holds the one before it, and is sealed with the workspace's key. The newest row is also
    known outside the database (settings, `audit.anchors`): a log that was cut short or put back is
    found out. Whoever can write that file too, and has the key, can hide a cut: send the anchor
    somewhere else from time to time. People stand in the log by pseudonym; `--who` finds theirs.

    `verify` names the first bad row and exits with 1.

    **Examples**

    - `shrinkwatch audit --who kim`
    - `shrinkwatch audit verify`
    - `shrinkwatch audit anchor`
    - `shrinkwatch audit verify --anchors from-the-mail.txt`
    """
    from shrinkwatch.run.audit import audit_log
    from shrinkwatch.run.opened import opened

    log = audit_log(opened(workspace).workspace)
    if wish is Wish.verify:
        _verify(log, anchors, json)
    elif wish is Wish.anchor:
        _anchor(log, json)
    else:
        _list(log, last, who, json)


def _list(log: "StoredAudit", last: int, who: str | None, json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.terminal import plain

    wanted = None if who is None else {who.strip(), log.seal.pseudonym(who)}
    found = log.rows(last if wanted is None else None)
    rows = [row for row in found if wanted is None or row.who in wanted][-last:]
    if json:
        terminal.print_json({"rows": rows})
        return
    said = terminal.out()
    if not rows:
        said.print("Nothing stands in the log." if who is None else "Nothing of them is there.")
        return
    shown = terminal.table("row", "when (UTC)", "who", "what", "about", "detail", right=("row",))
    for row in rows:
        when = f"{row.at:%Y-%m-%d %H:%M:%S}"
        cells = (when, row.who, row.what.replace("_", " "), row.about, row.detail.strip("{}"))
        shown.add_row(f"{row.number:,}", *map(plain, cells))
    said.print(shown)


def _verify(log: "StoredAudit", anchors: Path | None, json: bool) -> None:
    from shrinkwatch.run import terminal

    elsewhere = () if anchors is None else tuple(anchors.read_text("utf-8").splitlines())
    found = log.verify(elsewhere)
    if json:
        terminal.print_json({"good": not found.says, "verified": found})
    elif not found.says:
        terminal.out().print(
            f"[green]Whole:[/] {found.rows:,} rows are what was written; anchors vouch for "
            f"{found.anchored:,} of them."
        )
    elif found.bad_row is None:
        terminal.complain(f"the rows are whole, but {found.says}: who wrote to the anchors' file?")
    else:
        terminal.complain(
            f"row {found.bad_row:,} of the audit log is bad: {found.says}. The {found.rows:,} rows "
            "before it are good. Keep the database and the anchors as they are, and find out who "
            "could write them"
        )
    if found.says:
        raise typer.Exit(1)


def _anchor(log: "StoredAudit", json: bool) -> None:
    from shrinkwatch.run import terminal

    head = log.anchor()
    if json:
        terminal.print_json({"anchor": head.line, "rows": head.rows})
    else:
        terminal.out().print(head.line, soft_wrap=True)
