"""`shrinkwatch users`: who may log in, and see which stores."""

from enum import StrEnum
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

users = typer.Typer(no_args_is_help=True, help="Who may log in, in which role, for which stores.")


class RoleName(StrEnum):
    """What somebody may do."""

    analyst = "analyst"
    manager = "manager"
    investigator = "investigator"
    admin = "admin"


@users.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As typed to log in.")],
    role: Annotated[RoleName, typer.Option(help="What this person may do.")],
    store: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A store to see; may be repeated.")
    ] = None,
    every_store: Annotated[
        bool, typer.Option("--every-store", help="Sees the whole chain.")
    ] = False,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Let somebody log in; asks for the password, or reads it from standard input.

    An analyst sees leads; a manager and an investigator also say what they came to; an admin sees
    who has keys and accounts, and no leads.

    **Examples**

    - `shrinkwatch users add kim --role investigator --every-store`
    - `shrinkwatch users add lee --role manager --store S07`
    """
    import sys
    from datetime import UTC, datetime

    from shrinkwatch.adapters.stores.doors import StoredPeople
    from shrinkwatch.records.access import Person
    from shrinkwatch.run import terminal
    from shrinkwatch.run.api.password import stretched
    from shrinkwatch.run.audit import called, note
    from shrinkwatch.run.workspace import Workspace as Opened

    if bool(store) == every_store:
        raise typer.BadParameter("say what this person sees: --store ID, or --every-store")
    opened = Opened.open(workspace)
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\n")
    person = Person(
        name=name,
        role=role.value,
        stores=None if every_store else tuple(dict.fromkeys(store or ())),
        password=stretched(password),
        created_at=datetime.now(UTC),
    )
    StoredPeople(opened.database).add(person)
    note(opened, "user_added", called(opened, name), {"role": role.value})
    if json:
        terminal.print_json({"user": name, "role": role, "stores": person.stores})
        return
    terminal.out().print(f"{terminal.plain(name)} may log in as {role.value}.")


@users.command(name="list")
def list_users(workspace: Workspace = HERE, json: Json = False) -> None:
    """List who may log in."""
    from shrinkwatch.adapters.stores.doors import StoredPeople
    from shrinkwatch.run import terminal
    from shrinkwatch.run.workspace import Workspace as Opened

    known = [
        one for one in StoredPeople(Opened.open(workspace).database).all() if one.revoked_at is None
    ]
    if json:
        told = [{"user": one.name, "role": one.role, "stores": one.stores} for one in known]
        terminal.print_json({"users": told})
        return
    if not known:
        terminal.out().print("Nobody may log in yet. See [bold]shrinkwatch users add --help[/].")
        return
    listed = terminal.table("name", "role", "stores")
    for one in known:
        stores = "every store" if one.stores is None else ", ".join(one.stores)
        listed.add_row(*map(terminal.plain, (one.name, one.role, stores)))
    terminal.out().print(listed)


@users.command()
def revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whom to lock out.")],
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Lock somebody out at once, also where that person is logged in."""
    from datetime import UTC, datetime

    from shrinkwatch.adapters.stores.doors import StoredPeople
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import called, note
    from shrinkwatch.run.workspace import Workspace as Opened

    opened = Opened.open(workspace)
    StoredPeople(opened.database).revoke(name, datetime.now(UTC))
    note(opened, "user_revoked", called(opened, name))
    if json:
        terminal.print_json({"revoked": name})
        return
    terminal.out().print(f"{terminal.plain(name)} is locked out.")
