"""`shrinkwatch map`: how to read a table that nobody has seen before."""

from pathlib import Path
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace


def map_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV or Parquet file.", exists=True)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="MAP.toml", help="Where to write it.", show_default="mappings/FILE.toml"
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Draft how to read an unknown CSV or Parquet file, and show ten receipts as understood.

    What no program can know is asked: what is a return, which sign it has, in which time zone the
    clock stood. Correct the draft until the receipts look like your receipts.

    **Example**

    - `shrinkwatch map export.csv`
    """
