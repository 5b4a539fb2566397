"""`shrinkwatch watch`: files that appear in a folder are taken in, once each is whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.load import Kind
from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shrinkwatch.run.watch import FolderWatch, Taken


def watch(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Where files appear.", exists=True, file_okay=False),
    ],
    as_kind: Annotated[
        Kind | None,
        typer.Option("--as", metavar="KIND", help="A kind of table, where content does not say."),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(metavar="MAP.toml", help="How to read tables of your own shape."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", metavar="", help="Take in what is whole now, and end.")
    ] = False,
    keep: Annotated[
        bool,
        typer.Option("--keep", metavar="", help="Leave files where they are and remember them."),
    ] = False,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Load the files that appear in a folder, and put aside what cannot be loaded, with the reason.

    A file is loaded when it did not change for five seconds, and moved to `done` in that folder, or
    to `set-aside` with a text beside it that says why. Hidden files, links and names like
    `x.part` are left alone. Killed at any point, it begins again with the file it was at: the same
    file twice changes nothing. Without `--once` it goes on until it is stopped; `--once` exits with
    1 when a file was set aside or had to wait.

    **Examples**

    - `shrinkwatch watch /srv/tills`
    - `shrinkwatch watch /srv/tills --mapping mappings/export.toml --once`
    """
    from shrinkwatch.run.opened import opened
    from shrinkwatch.run.watch import FolderWatch

    looking = FolderWatch(
        folder,
        opened(workspace).workspace,
        as_kind=None if as_kind is None else as_kind.value,
        mapping=mapping,
        keep=keep,
    )
    if once:
        _once(looking, json)
    else:
        _go_on(looking, json)


def _once(looking: "FolderWatch", json: bool) -> None:
    import time

    from shrinkwatch.run import terminal
    from shrinkwatch.run.watch import PAUSE_S

    looking.look()
    time.sleep(PAUSE_S)
    done = looking.look()
    if json:
        terminal.print_json({"files": done})
    else:
        _say(done)
        if not done:
            terminal.out().print("No file is whole.")
    if any(one.became != "loaded" for one in done):
        raise typer.Exit(1)


def _go_on(looking: "FolderWatch", json: bool) -> None:
    import threading

    from shrinkwatch.run import terminal
    from shrinkwatch.run.watch import watch_on

    terminal.err().print(f"Watching {terminal.plain(looking.folder)}; Ctrl-C ends it.")

    def tell(done: "Sequence[Taken]") -> None:
        if not json:
            _say(done)
            return
        for one in done:
            terminal.print_json(one)

    watch_on(looking, threading.Event(), tell)


def _say(done: "Sequence[Taken]") -> None:
    from shrinkwatch.run import terminal

    for one in done:
        counts = f"{one.accepted:,} new transactions" if not one.rows else f"{one.rows:,} new rows"
        what = f"loaded, {counts}" if one.became == "loaded" else one.became.replace("_", " ")
        says = f": {one.says}" if one.says else ""
        terminal.out().print(terminal.plain(f"{one.file}: {what}{says}"), soft_wrap=True)
