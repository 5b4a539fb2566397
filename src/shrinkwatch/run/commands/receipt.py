"""`shrinkwatch receipt`: one receipt as the till printed it."""

from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.records.transaction import Transaction
    from shrinkwatch.run.opened import Opened


def receipt(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="NUMBER, STORE/NUMBER or STORE/TILL/DATE/NUMBER.")
    ],
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Print a receipt as the till printed it, the suspicious lines marked with `>`.

    Voided lines stay legible (x). Lines are marked where an alert holds this receipt against
    somebody.

    **Examples**

    - `shrinkwatch receipt S07/3/2026-03-02/4213`
    - `shrinkwatch receipt 536365`
    """
    from shrinkwatch.cases.find import receipt_key, receipt_tx_keys
    from shrinkwatch.records.trouble import Refused
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import note
    from shrinkwatch.run.opened import opened
    from shrinkwatch.run.receipts import fetch

    desk = opened(workspace)
    found = fetch(desk.journal, receipt_tx_keys(desk.journal, receipt_key(key)))
    if not found:
        raise Refused(f"no receipt {key} is in this workspace; shrinkwatch alerts names some")
    note(desk.workspace, "receipt_shown", f"receipt {key}")
    if json:
        terminal.print_json({"receipts": found})
        return
    for transaction in found:
        _print(transaction, desk)


def _print(transaction: "Transaction", desk: "Opened") -> None:
    from shrinkwatch.cases.receipt import margin
    from shrinkwatch.cases.receipt import receipt as printed
    from shrinkwatch.run import terminal
    from shrinkwatch.run.receipts import paper, suspicion

    said = terminal.out()
    schemes = suspicion(transaction, desk.alerts.all())
    styles = {"voided": "strike dim", "rule": "dim", "total": "bold", "event": "dim"}
    for row in printed(transaction, paper(transaction, desk, schemes)):
        style = "red" if row.marked else styles.get(row.kind, "")
        text = f"{margin(row)} {row.text}".rstrip()
        said.print(terminal.plain(text), style=style, soft_wrap=True)
    said.print()
