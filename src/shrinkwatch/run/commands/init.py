"""`shrinkwatch init`: a new workspace."""

from pathlib import Path
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace


def init(
    place: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR",
            help="Where it shall be.",
            file_okay=False,
            show_default="the --workspace folder",
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Make a workspace: a folder with commented settings, where everything is kept.

    **Example**

    - `shrinkwatch init my-chain`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.new_workspace import make_workspace
    from shrinkwatch.run.settings import FILE_NAME

    folder = workspace if place is None else place
    made = make_workspace(folder)
    if json:
        terminal.print_json({"workspace": str(folder), "made": made})
        return
    said = terminal.out()
    if not made:
        said.print(f"{terminal.plain(folder)} is a workspace already; nothing was changed.")
        return
    said.print(f"Made a workspace in [bold]{terminal.plain(folder)}[/].")
    said.print(
        f"Every line of its {FILE_NAME} is explained.\n\n"
        f"Next: [bold]shrinkwatch load FILE --workspace {terminal.plain(folder)}[/]"
    )
