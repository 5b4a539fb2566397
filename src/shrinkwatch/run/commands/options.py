"""The options that every command takes."""

from pathlib import Path
from typing import Annotated

import typer

Workspace = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace's folder.",
        file_okay=False,
        show_default="the current folder",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", metavar="", help="Print one JSON document and nothing else.")
]

HERE = Path()
DATES = ["%Y-%m-%d"]
