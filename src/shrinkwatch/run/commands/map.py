"""`shrinkwatch map`: how to read a table that nobody has seen before."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.intake.draft import Draft
    from shrinkwatch.run.opened import Opened


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
    clock stood. Answer in the draft, until the receipts look like your receipts. A draft that is
    there already is not overwritten.

    **Example**

    - `shrinkwatch map export.csv`
    """
    from shrinkwatch.intake.draft import draft
    from shrinkwatch.records.trouble import Refused
    from shrinkwatch.run import terminal
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    target = workspace / "mappings" / f"{file.name.split('.')[0]}.toml" if out is None else out
    if target.exists():
        raise Refused(f"{target} is there already; name another with --out, or load with it")
    drafted = draft(file, desk.workspace.key)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(drafted.toml, "utf-8")
    if json:
        told = {"receipts": drafted.receipts, "rejects": len(drafted.rejects)}
        terminal.print_json({"mapping": str(target), "questions": drafted.questions, **told})
        return
    _print(drafted, file, target, desk)


def _print(drafted: "Draft", file: Path, target: Path, desk: "Opened") -> None:
    from rich.columns import Columns
    from rich.padding import Padding

    from shrinkwatch.cases.receipt import receipt
    from shrinkwatch.console.words import counted
    from shrinkwatch.run import terminal
    from shrinkwatch.run.receipts import paper

    said = terminal.out()
    printed = [
        "\n".join(row.text for row in receipt(each, paper(each, desk, ())))
        for each in drafted.receipts
    ]
    title = f"{counted(len(printed), 'receipts')} of {terminal.plain(file.name)} as understood"
    said.print(f"[bold]{title}[/]\n")
    said.print(Columns([Padding(_escaped(text), (0, 2, 1, 0)) for text in printed], width=44))
    if drafted.rejects:
        first = terminal.plain(drafted.rejects[0].sentence)
        said.print(
            f"[yellow]{counted(len(drafted.rejects), 'receipts')} could not be read[/], "
            f"the first: {first}"
        )
    said.print("[bold]What the file does not say[/]")
    for number, question in enumerate(drafted.questions, 1):
        said.print(f" {number}. {terminal.plain(question)}")
    said.print(
        f"\nThe draft is in [bold]{terminal.plain(target)}[/]; lines with ? are guesses. "
        "Answer there, then:\n"
        f"[bold]shrinkwatch load {terminal.plain(file)} --mapping {terminal.plain(target)}[/]",
        soft_wrap=True,
    )


def _escaped(text: str) -> str:
    from shrinkwatch.run.terminal import plain

    return "\n".join(plain(line) for line in text.splitlines())
