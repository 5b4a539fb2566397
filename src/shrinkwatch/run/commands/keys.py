"""`shrinkwatch keys`: which terminals and feeds may send."""

from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

keys = typer.Typer(no_args_is_help=True, help="Who may send: a key for each terminal or feed.")

_MOST_PER_SECOND = 10_000


@keys.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, like 'S07 till 3'.")],
    store: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A store that it speaks for; may be repeated."),
    ] = None,
    every_store: Annotated[
        bool, typer.Option("--every-store", help="It speaks for the whole chain.")
    ] = False,
    register: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only for this till of those stores; may be repeated."),
    ] = None,
    send: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND", help="What it sends; may be repeated.", show_default="transactions"
        ),
    ] = None,
    per_second: Annotated[
        int, typer.Option(min=1, max=_MOST_PER_SECOND, help="Requests a second, on average.")
    ] = 50,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Make a key and show its secret, once.

    KIND is transactions, shifts, till_sessions, stock_moves or labels.

    **Examples**

    - `shrinkwatch keys add "S07 till 3" --store S07 --register 3`
    - `shrinkwatch keys add "stock system" --every-store --send stock_moves --send shifts`
    """
    from datetime import UTC, datetime

    from shrinkwatch.adapters.stores.doors import StoredKeys
    from shrinkwatch.records.access import SENDS, SendingKey
    from shrinkwatch.run import terminal
    from shrinkwatch.run.api.keyring import new_id, secret_of
    from shrinkwatch.run.audit import note
    from shrinkwatch.run.workspace import Workspace as Opened

    if bool(store) == every_store:
        raise typer.BadParameter("say for whom it speaks: --store ID, or --every-store")
    sends = tuple(dict.fromkeys(send or ["transactions"]))
    unknown = [kind for kind in sends if kind not in SENDS]
    if unknown:
        raise typer.BadParameter(f"nothing called {unknown[0]} is taken; it is {', '.join(SENDS)}")
    opened = Opened.open(workspace)
    key = SendingKey(
        key_id=new_id(),
        name=name,
        stores=None if every_store else tuple(dict.fromkeys(store or ())),
        registers=tuple(dict.fromkeys(register)) if register else None,
        sends=sends,
        per_second=per_second,
        created_at=datetime.now(UTC),
    )
    StoredKeys(opened.database).add(key)
    note(opened, "key_added", f"key {key.key_id}", {"sends": ", ".join(sends)})
    secret = secret_of(key.key_id, opened.key)
    if json:
        terminal.print_json({"key": key, "secret": secret})
        return
    said = terminal.out()
    said.print(f"key     [bold]{key.key_id}[/]", soft_wrap=True)
    said.print(f"secret  [bold]{secret}[/]", soft_wrap=True)
    said.print("The secret is shown only now. A running server takes the key within seconds.")


@keys.command(name="list")
def list_keys(workspace: Workspace = HERE, json: Json = False) -> None:
    """List the keys, revoked ones too; secrets are not kept."""
    from shrinkwatch.adapters.stores.doors import StoredKeys
    from shrinkwatch.run import terminal
    from shrinkwatch.run.workspace import Workspace as Opened

    known = StoredKeys(Opened.open(workspace).database).all()
    if json:
        terminal.print_json({"keys": known})
        return
    if not known:
        terminal.out().print("Nobody may send yet. See [bold]shrinkwatch keys add --help[/].")
        return
    listed = terminal.table("key", "name", "stores", "tills", "sends", "per second", "holds")
    for key in known:
        cells = (
            key.key_id,
            key.name,
            "every store" if key.stores is None else ", ".join(key.stores),
            "all" if key.registers is None else ", ".join(key.registers),
            ", ".join(key.sends),
            str(key.per_second),
            "yes" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC",
        )
        listed.add_row(*map(terminal.plain, cells), style="" if key.revoked_at is None else "dim")
    terminal.out().print(listed)


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The key's id, like k-7m2q….")],
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Let a key hold no longer; a running server knows within a minute."""
    from datetime import UTC, datetime

    from shrinkwatch.adapters.stores.doors import StoredKeys
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import note
    from shrinkwatch.run.workspace import Workspace as Opened

    opened = Opened.open(workspace)
    StoredKeys(opened.database).revoke(key_id, datetime.now(UTC))
    note(opened, "key_revoked", f"key {key_id}")
    if json:
        terminal.print_json({"revoked": key_id})
        return
    terminal.out().print(f"{terminal.plain(key_id)} no longer holds.")
