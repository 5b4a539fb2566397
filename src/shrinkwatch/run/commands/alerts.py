"""`shrinkwatch alerts`: the leads, most valuable first."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from shrinkwatch.records.alert import Alert
    from shrinkwatch.run.opened import Opened


class Status(StrEnum):
    """Where an alert stands."""

    new = "new"
    assigned = "assigned"
    in_review = "in_review"
    closed = "closed"


def alerts(
    status: Annotated[Status | None, typer.Option(help="Only alerts that stand here.")] = None,
    min_probability: Annotated[
        float, typer.Option(min=0, max=1, metavar="P", help="Only at least this probable.")
    ] = 0.0,
    rule: Annotated[
        str | None, typer.Option(metavar="ID", help="Only alerts with a reason from this rule.")
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """List the leads, the one with most at stake first.

    At stake is the probability times the loss. People are pseudonyms unless the settings allow
    ids; the JSON documents carry ids, for machines.

    **Examples**

    - `shrinkwatch alerts --min-probability 0.8`
    - `shrinkwatch alerts --rule void_then_no_sale`
    - `shrinkwatch alerts --json > alerts.json`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.audit import about_alerts, note
    from shrinkwatch.run.labels import said
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    told = said(desk)
    every = told.alerts
    kept = [
        alert
        for alert in every
        if alert.probability >= min_probability
        and status in {None, alert.status}
        and (rule is None or _reason(alert, rule))
    ]
    if kept:
        note(desk.workspace, "export_made" if json else "alert_shown", about_alerts(kept))
    if json:
        terminal.print_json({"alerts": kept})
    elif kept or not every:
        say_ranking(kept, desk, rule, told.outcomes)
    else:
        terminal.out().print(
            "No alert fits; leave out --status, --min-probability and --rule to see all."
        )


def _reason(alert: "Alert", rule: str | None) -> str:
    """Return what this rule says in the alert, or its first reason; "" for none."""
    said = (one.sentence for one in alert.reasons if rule is None or one.feature == rule)
    return next(said, "")


def say_ranking(
    kept: "list[Alert]",
    desk: "Opened",
    rule: str | None = None,
    outcomes: "Mapping[str, str] | None" = None,
) -> None:
    """Print these alerts, one per subject, with what to do next, or why there are none.

    rule: the rule whose reason is given; None: the first. outcomes: alert id -> what it came to.
    """
    from shrinkwatch.console.material import by_subject
    from shrinkwatch.run import terminal

    said = terminal.out()
    if kept:
        leads = by_subject(kept)
        said.print(ranking([alerts[0] for alerts in leads], desk, rule, outcomes))
        if len(leads) < len(kept):
            said.print(
                f"{len(kept):,} alerts on {len(leads):,} subjects: of each the most valuable. "
                "[bold]show[/] lists a subject's other weeks, [bold]--json[/] all."
            )
        said.print(
            "Each is a lead, not a finding. Look closer: "
            f"[bold]shrinkwatch show {kept[0].alert_id[:6]}[/], or all of it: "
            "[bold]shrinkwatch report[/]. Then say what it came to: "
            f"[bold]shrinkwatch label {kept[0].alert_id[:6]} OUTCOME[/]"
        )
    elif desk.journal.days():
        said.print(
            "No alerts yet: run [bold]shrinkwatch score[/]. If you did, nothing was worth a review."
        )
    else:
        said.print("No transactions yet: run [bold]shrinkwatch load FILE[/], then [bold]score[/].")


def ranking(
    kept: "list[Alert]",
    desk: "Opened",
    rule: str | None = None,
    outcomes: "Mapping[str, str] | None" = None,
) -> "Table":
    """Return the alerts as a table to print, in the order given, with this rule's reason.

    outcomes: alert id -> what it came to, of those answered; one drawn by lot is said to be.
    """
    from shrinkwatch.console import words
    from shrinkwatch.run.terminal import plain, table

    listed = table("#", "alert", "who and why", "when", "probable", "at stake")
    for column in (0, 4, 5):
        listed.columns[column].justify = "right"
    for rank, alert in enumerate(kept, 1):
        about = alert.subject
        who = desk.names.of(about.type, about.id, about.store_id)
        where = "" if about.store_id is None else f" at {desk.store_name(about.store_id)}"
        what = ", ".join(words.scheme_title(scheme.id) for scheme in alert.schemes[:2])
        why = _reason(alert, rule)
        came_to = (outcomes or {}).get(alert.alert_id, "").replace("_", " ")
        drawn = " (drawn by lot, not for what is likely)" if alert.chosen_by == "audit" else ""
        mark = f" [green]{plain(came_to)}[/]" if came_to else ""
        listed.add_row(
            str(rank),
            alert.alert_id[:6],
            f"[bold]{plain(who)}[/]{plain(where)}: {plain(what + drawn)}{mark}\n"
            f"[dim]{plain(why)}[/]",
            plain(words.span(alert.window.from_, alert.window.to)),
            words.probability(alert.probability),
            plain(words.money(alert.probability * alert.expected_loss, alert.currency)),
        )
    return listed
