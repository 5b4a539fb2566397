"""`shrinkwatch notify`: carries messages about new alerts, and shows those that do not arrive."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.run.notify.delivery import Courier, Delivered
    from shrinkwatch.run.opened import Opened

_PAUSE_S = 5.0


class Wish(StrEnum):
    """What to do with the messages."""

    send = "send"
    list = "list"
    release = "release"


def notify(
    wish: Annotated[
        Wish,
        typer.Argument(
            help="**send** what is due, **list** what waits or was parked, or **release** parked "
            "messages, so that they are tried again."
        ),
    ] = Wish.send,
    alert: Annotated[
        str,
        typer.Argument(
            metavar="ALERT_ID", help="With release: only this alert's.", show_default=False
        ),
    ] = "",
    once: Annotated[
        bool, typer.Option("--once", metavar="", help="Send what is due now, and end.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Show what would be sent; send nothing.")
    ] = False,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Tell people of new alerts, on the channels that the settings name.

    A message is written with its alert and sent once on each channel; one that does not arrive is
    tried again, twelve times in about twelve hours, and then parked. A channel that fails delays no
    other. Without `--once` it goes on until it is stopped. `--once` exits with 1 when something
    could not be sent.

    **Examples**

    - `shrinkwatch notify --dry-run`
    - `shrinkwatch notify --once`
    - `shrinkwatch notify list`
    - `shrinkwatch notify release 3f2a9c`

    docs/guide/notify.md sets channels up.
    """
    from shrinkwatch.run.notify.channels import courier
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    if wish is Wish.list:
        _list(desk, json)
    elif wish is Wish.release:
        _release(desk, alert, json)
    elif dry_run:
        _rehearse(desk, json)
    elif not desk.settings.notify:
        _say_no_channel(json)
    elif once:
        _once(courier(desk), json)
    else:
        _go_on(courier(desk))


def _say_no_channel(json: bool) -> None:
    from shrinkwatch.run import terminal

    if json:
        terminal.print_json({"channels": []})
    else:
        terminal.out().print(
            "The settings name no channel: write a [bold]\\[\\[notify]][/] into them, as "
            "docs/guide/notify.md shows."
        )


def _once(carrier: "Courier", json: bool) -> None:
    from shrinkwatch.run import terminal

    done = carrier.once()
    if json:
        terminal.print_json({"channels": done})
    else:
        for one in done:
            terminal.out().print(terminal.plain(_in_words(one)))
    if any(one.trouble is not None for one in done):
        raise typer.Exit(1)


def _in_words(done: "Delivered") -> str:
    counts = ("sent", "waiting", "parked", "withdrawn")
    told = [f"{getattr(done, name)} {name}" for name in counts if getattr(done, name)]
    trouble = "" if done.trouble is None else f" ({done.trouble})"
    return f"{done.channel}: {', '.join(told) or 'nothing is due'}{trouble}"


def _go_on(carrier: "Courier") -> None:
    """Carry until somebody stops it, each channel in a thread of its own."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from shrinkwatch.run import terminal
    from shrinkwatch.run.notify.delivery import carry_on

    routes = carrier.router.routes
    stop = threading.Event()
    terminal.err().print(f"Carrying messages on {len(routes)} channels; Ctrl-C ends it.")

    def tell(done: "Delivered") -> None:
        terminal.err().print(terminal.plain(_in_words(done)))

    with ThreadPoolExecutor(len(routes)) as threads:
        carried = [
            threads.submit(carry_on, carrier, route, stop, _PAUSE_S, tell) for route in routes
        ]
        try:
            for one in carried:
                one.result()
        finally:
            stop.set()


def _rehearse(desk: "Opened", json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import note
    from shrinkwatch.run.notify.channels import outbox_of, wording_of

    alerts = {one.alert_id: one for one in desk.alerts.all()}
    routes = {one.name: one for one in desk.settings.notify}
    wording = wording_of(desk)
    waiting = [
        (one, wording.of(routes[one.channel], [alerts[one.alert_id]]))
        for one in outbox_of(desk).rows("waiting")
        if one.alert_id in alerts and one.channel in routes
    ]
    if waiting:
        note(desk.workspace, "alert_shown", f"{len(waiting)} messages")
    if json:
        found = [{"channel": row.channel, "at": row.next_at, "message": m} for row, m in waiting]
        terminal.print_json({"messages": found})
        return
    said = terminal.out()
    for row, message in waiting:
        said.print(f"[bold]{terminal.plain(row.channel)}[/], from {row.next_at:%Y-%m-%d %H:%M} UTC")
        said.print(terminal.plain(message.text) + "\n")
    if not waiting:
        said.print("No message waits.")


def _list(desk: "Opened", json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.notify.channels import outbox_of

    rows = outbox_of(desk).rows("waiting", "parked")
    if json:
        terminal.print_json({"messages": rows})
        return
    said = terminal.out()
    if not rows:
        said.print("No message waits, and none is parked.")
        return
    shown = terminal.table("alert", "channel", "", "tried", "next (UTC)", "why", right=("tried",))
    for one in rows:
        later = f"{one.next_at:%Y-%m-%d %H:%M}" if one.state == "waiting" else ""
        style = "yellow" if one.state == "parked" else ""
        cells = (one.state, str(one.attempts), later, one.trouble or "")
        names = (one.alert_id[:6], one.channel)
        shown.add_row(*map(terminal.plain, (*names, *cells)), style=style)
    said.print(shown)


def _release(desk: "Opened", alert: str, json: bool) -> None:
    from datetime import UTC, datetime

    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import note
    from shrinkwatch.run.notify.channels import outbox_of

    count = outbox_of(desk).release(datetime.now(UTC), alert)
    if count:
        note(desk.workspace, "message_released", f"alert {alert}" if alert else "", {"of": count})
    if json:
        terminal.print_json({"released": count})
    else:
        terminal.out().print(f"{count} parked messages are tried again from now on.")
