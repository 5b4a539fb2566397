"""`shrinkwatch learn`: from any labelled table to flags that pay, and what they would earn."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.run.learn import Fit

learn = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")

Separator = Annotated[
    str | None,
    typer.Option("--sep", metavar="C", help="What parts the cells.", show_default="guessed"),
]
TableFile = Annotated[
    Path,
    typer.Argument(
        metavar="TABLE", help="CSV or Parquet, packed or not.", exists=True, dir_okay=False
    ),
]


@learn.callback()
def tables() -> None:
    """Learn from a labelled table which rows to flag, and flag those of another.

    **Example**

    - `shrinkwatch learn fit baskets.csv --label fraud --out model`
    """


@learn.command()
def fit(
    table: TableFile,
    label: Annotated[str, typer.Option(metavar="COL", help="The column that holds the answer.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to keep it.", file_okay=False)],
    sep: Separator = None,
    profit: Annotated[
        str, typer.Option(metavar="TEXT", help="What right and wrong flags earn.")
    ] = "tp=5,fp=-25,fn=-5,tn=0",
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="COL", help="Learn from it though it looks like an id or a leak."),
    ] = None,
    minutes: Annotated[
        float, typer.Option(min=0.2, help="What is tried is planned to take no longer.")
    ] = 2.0,
    seed: Annotated[int, typer.Option(min=0, help="Another number deals other folds.")] = 1,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Learn from a labelled table, and say what it would have earned on rows left out.

    The model chooses its own complexity: sums of columns, products and ratios of pairs, boosted
    trees, blends. What it earns is measured by folds that took no part in any choice. A column
    that gives the answer away is refused by name. What is tried is planned by the table's size to
    fit into --minutes. docs/guide/learn-a-table.md goes the whole way, step by step.

    **Examples**

    - `shrinkwatch learn fit baskets.csv --label fraud --out model`
    - `shrinkwatch learn fit claims.csv --label found --sep ";" --profit tp=100,fp=-10 --out model`
    """
    import time

    from shrinkwatch.models.tables.profit import read_profit
    from shrinkwatch.records.trouble import Refused
    from shrinkwatch.run import terminal
    from shrinkwatch.run.learn import learn as learn_table

    try:
        money = read_profit(profit)
    except Refused as refused:
        raise typer.BadParameter(str(refused)) from None
    with terminal.progress(hidden=json) as tell:
        found = learn_table(
            table, label, workspace / out, profit=money, clock=time.monotonic,
            separator=_one_sign(sep), allowed=allow or (), seed=seed, limit_s=60.0 * minutes,
            progress=tell,
        )  # fmt: skip
    if json:
        terminal.print_json(found)
    else:
        _say(found)


@learn.command()
def predict(
    model: Annotated[
        Path, typer.Argument(metavar="DIR", help="What `learn fit` wrote.", file_okay=False)
    ],
    table: TableFile,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The CSV to write.", dir_okay=False)],
    sep: Separator = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Write `row,probability,flag` for each row of a table, rows from 0.

    A model that was changed is refused, and so is a table that lacks a column.

    **Example**

    - `shrinkwatch learn predict model new-baskets.csv --out flags.csv`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.learn import predict as predict_table

    found = predict_table(workspace / model, table, workspace / out, separator=_one_sign(sep))
    if json:
        terminal.print_json(found)
        return
    for note in found.notes:
        terminal.err().print(f"[yellow]Note:[/] {terminal.plain(note)}", soft_wrap=True)
    terminal.out().print(
        f"{found.flagged:,} of {found.rows:,} rows flagged, from a probability of "
        f"{found.threshold:.3f} on; written to [bold]{terminal.plain(found.file)}[/].",
        soft_wrap=True,
    )


def _one_sign(sep: str | None) -> str | None:
    """Return the separator; `\\t` and `tab` mean a tabulator."""
    sign = "\t" if sep in ("\\t", "tab") else sep
    if sign is not None and len(sign.encode()) != 1:
        raise typer.BadParameter("--sep takes one sign, like , or ; or tab")
    return sign


def _say(found: "Fit") -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.terminal import plain

    said = terminal.out()
    estimate = found.estimate
    said.print(
        f"{found.rows:,} rows, {found.positive:,} of them {plain(found.word)}; "
        f"{found.columns} columns."
    )
    for column in found.ignored:
        said.print(
            f"[dim]Ignored {plain(column.name) or 'a column without a name'}: {column.why}.[/]"
        )
    for note in found.notes:
        said.print(f"[dim]{plain(note)}.[/]")
    said.print(f"Chosen: [bold]{plain(found.model)}[/], flagging above {found.threshold:.3f}.")
    listed = terminal.table("per 1,000 rows left out", "profit", right=("profit",))
    earned = f"[bold]{estimate.per_thousand:,.1f}[/] ± {estimate.spread:,.1f}"
    listed.add_row("this model's flags", earned)
    listed.add_row("flagging nobody", f"{estimate.none:,.1f}")
    listed.add_row("flagging everybody", f"{estimate.all:,.1f}")
    said.print(listed)
    right = "no flag" if estimate.precision is None else f"{estimate.precision:.0%} of flags right"
    said.print(f"{right}, {estimate.recall:.0%} of the positive rows found.")
    if estimate.per_thousand - max(estimate.none, estimate.all) <= estimate.spread:
        said.print(
            "[yellow]Not worth it yet:[/] flagging nobody, or everybody, earns as much within the "
            "spread. Label more rows, or add columns that tell more."
        )
    if found.left_out < 1.0:
        said.print(
            f"[yellow]Time ran out[/] after {found.left_out:.0%} of the folds; give more --minutes."
        )
    said.print(
        f"Kept in [bold]{plain(found.folder)}[/] after {found.seconds:.0f} s.", soft_wrap=True
    )
