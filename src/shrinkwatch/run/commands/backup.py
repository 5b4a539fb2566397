"""`shrinkwatch backup` and `shrinkwatch restore`: everything in one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.run.backup import Contents


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="The file to write, like shrinkwatch.tar.zst.",
            show_default="shrinkwatch-DATE.tar.zst",
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Write everything that cannot be made again to one file, and read it back.

    The journal, alerts, answers and audit log as they are at this moment, wherever they are kept;
    settings, rules, mappings, models and dossiers. Loading may go on meanwhile. The key is in the
    file: guard it as you guard the workspace. The audit log's anchors are not in it: keep them
    elsewhere, or an older backup that somebody puts in place goes unseen.

    **Examples**

    - `shrinkwatch backup`
    - `shrinkwatch backup /mnt/safe/losses-monday.tar.zst --workspace losses`
    """
    from datetime import UTC, datetime

    from shrinkwatch.run import terminal
    from shrinkwatch.run.backup import backup as write
    from shrinkwatch.run.workspace import Workspace as Opened

    target = Path(f"shrinkwatch-{datetime.now(UTC):%Y-%m-%d}.tar.zst") if file is None else file
    with terminal.progress(hidden=json) as tell:
        done = write(Opened.open(workspace), target, tell)
    if json:
        terminal.print_json(done)
        return
    size = target.stat().st_size / 1e6
    terminal.out().print(
        f"{target}: {size:,.1f} MB, written and read back in {done.seconds:.1f} s."
    )
    _say(done)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the workspace will be; not there yet.")
    ],
    database: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="An empty PostgreSQL database, or `file` for the workspace's own file.",
            show_default="as it was",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Make a workspace again from a backup, and read every record of it.

    Nothing is put over anything: the folder must not be there yet, or be empty, and so must the
    database. Killed in the middle, there is no folder; run it again. The archive and the state of
    scoring are made anew by the next `shrinkwatch score`.

    **Examples**

    - `shrinkwatch restore losses-monday.tar.zst losses`
    - `shrinkwatch restore losses-monday.tar.zst losses --database postgresql://me@db/losses`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.backup import restore as read

    with terminal.progress(hidden=json) as tell:
        done = read(file, folder, database, tell)
    if json:
        terminal.print_json(done)
        return
    terminal.out().print(f"{folder} is as it was on {done.made_at:%Y-%m-%d %H:%M} UTC.")
    _say(done)


def _say(done: "Contents") -> None:
    from shrinkwatch.console.words import counted
    from shrinkwatch.run import terminal

    days = f", from {done.days[0]} to {done.days[1]}" if done.days else ""
    held = f"{counted(done.records, 'transactions')}{days}; {counted(done.alerts, 'alerts')}"
    terminal.out().print(f"Every record was read: {held}.")
