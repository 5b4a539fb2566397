"""`shrinkwatch show`: what somebody did, week by week, beside the others."""

from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from rich.table import Table

    from shrinkwatch.cases.history import History, Week
    from shrinkwatch.run.opened import Opened

_BARS = "▁▂▃▄▅▆▇█"
_MAX_WEEKS = 12


def show(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help="TYPE:STORE/ID, TYPE:ID, the beginning of an alert's id, or a pseudonym.",
        ),
    ],
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Show a subject's weeks against its peers' weeks, and the alerts about it.

    Rates are receipts in a hundred of the subject's own; "typical" is all peers together, "high"
    is what one peer in twenty exceeds.

    **Examples**

    - `shrinkwatch show operator:S07/104`
    - `shrinkwatch show customer:12346`
    - `shrinkwatch show 3f2a9c`
    """
    from shrinkwatch.cases import find
    from shrinkwatch.cases.history import history
    from shrinkwatch.records.trouble import Refused
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import about_subject, note
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    about = find.subject(subject, desk.alerts.all(), desk.names)
    weeks = history(desk.journal, about.type, about.id, about.store_id)
    raised = [alert for alert in desk.alerts.all() if alert.subject == about]
    if not weeks.weeks and not raised:
        raise Refused(f"the journal knows no {about.type} {about.id}; check the id and the store")
    note(desk.workspace, "subject_shown", about_subject(about, desk.names), {"alerts": len(raised)})
    if json:
        terminal.print_json({"subject": about, "history": weeks, "alerts": raised})
        return
    _print(weeks, desk)
    if raised:
        from shrinkwatch.run.commands.alerts import ranking

        terminal.out().print(ranking(raised, desk))


def _print(found: "History", desk: "Opened") -> None:
    from shrinkwatch.run import terminal

    said = terminal.out()
    who = desk.names.of(found.type, found.id, found.store_id)
    where = "" if found.store_id is None else f" at {desk.store_name(found.store_id)}"
    said.print(f"[bold]{terminal.plain(who + where)}[/]")
    if found.weeks:
        said.print(
            f"[dim]In a hundred of its own receipts, beside {terminal.plain(found.group)}.[/]"
        )
        said.print(_table(found))


def _table(found: "History") -> "Table":
    from shrinkwatch.cases.history import MEASURES
    from shrinkwatch.run.terminal import plain, table

    weeks = found.weeks[-_MAX_WEEKS:]
    first, last = weeks[0].monday, weeks[-1].monday
    listed = table(
        f"weeks of {first:%d %b} to {last:%d %b %Y}",
        "by week",
        "last week",
        "all weeks",
        "typical",
        "high",
        right=("last week", "all weeks", "typical", "high"),
    )
    receipts = [float(week.receipts) for week in weeks]
    total = f"{sum(receipts):,.0f}"
    listed.add_row("receipts", spark(receipts), f"{weeks[-1].receipts:,}", total, "", "")
    for name, title in MEASURES.items():
        if any(week.shares[name].count for week in weeks):
            listed.add_row(plain(title), *_cells(weeks, name))
    return listed


def _cells(weeks: "tuple[Week, ...]", name: str) -> tuple[str, ...]:
    shares = [week.shares[name] for week in weeks]
    mine = 100 * sum(s.count for s in shares) / max(sum(week.receipts for week in weeks), 1)
    typical = _mean([s.typical for s in shares])
    high = _mean([s.high for s in shares])
    style = "bold red" if high is not None and mine > high else ""
    return (
        spark([s.per_hundred for s in shares]),
        f"{shares[-1].per_hundred:.1f}",
        f"[{style}]{mine:.1f}[/]" if style else f"{mine:.1f}",
        "unknown" if typical is None else f"{typical:.1f}",
        "unknown" if high is None else f"{high:.1f}",
    )


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def spark(values: list[float]) -> str:
    """Return the values as a row of small bars, the largest full.

    >>> spark([0, 1, 2, 4])
    '▁▃▅█'
    """
    top = max(values, default=0) or 1
    return "".join(_BARS[min(int(value / top * 7 + 0.5), 7)] for value in values)
