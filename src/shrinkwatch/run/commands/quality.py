"""`shrinkwatch quality`: how often alerts are right, how much they miss, and who says so."""

from typing import TYPE_CHECKING

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.models.sampling import Estimate
    from shrinkwatch.run.quality import Learning, QualityReport
    from shrinkwatch.scoring.answers import Author


def quality(workspace: Workspace = HERE, json: Json = False) -> None:
    """Say how often alerts are right and how much they miss, as far as people's answers tell.

    Precision comes from the answers to alerts that were chosen; what is missed, from those that
    were drawn by lot. What nobody answered is unknown, and said to be. Each figure stands with its
    95 % interval.

    **Example**

    - `shrinkwatch quality`

    docs/guide/answer-alerts.md says what the figures mean.
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.opened import opened
    from shrinkwatch.run.quality import quality as measure

    found = measure(opened(workspace))
    if json:
        terminal.print_json(found)
    else:
        _say(found)


def _say(found: "QualityReport") -> None:
    from shrinkwatch.run import terminal

    out = terminal.out()
    listed = terminal.table("", "share", "95 % interval", "from")
    chosen, drawn = (
        f"{way.answered:,} answers to {way.alerts:,} alerts {how}"
        for way, how in ((found.chosen, "chosen"), (found.drawn, "drawn by lot"))
    )
    listed.add_row("alerts that are right (precision)", *_cells(found.precision), chosen)
    listed.add_row("thieves among the leads found (recall)", *_cells(found.recall), drawn)
    listed.add_row("honest among the leads alerted", *_cells(found.false_alerts), drawn)
    out.print(listed)
    for why in found.unknown:
        out.print(f"[yellow]Unknown[/] {why}.", soft_wrap=True)
    if found.unripe:
        out.print(f"{found.unripe:,} alerts of the last fortnight do not count yet.")
    _say_learning(found.learning)
    if found.authors:
        out.print(_authors(found.authors))


def _cells(one: "Estimate") -> tuple[str, str]:
    if one.value is None or one.low is None or one.high is None:
        return "unknown", ""
    return f"{one.value:.1%}", f"{one.low:.1%} to {one.high:.1%}"


def _say_learning(one: "Learning") -> None:
    from shrinkwatch.run import terminal

    out = terminal.out()
    if one.leads is None or one.draws is None:
        out.print("The lot has had no lead to draw from yet: how long learning takes is unknown.")
        return
    out.print(
        f"{one.leads:,.1f} leads a week are passed over, {one.draws:,.2f} of them drawn by lot. At "
        f"this rate recall is known to ten points {_weeks(one.recall)}; a thief who shows as a "
        f"lead every week and is never chosen is drawn, nine times in ten, {_weeks(one.one)}"
        + (
            f", and a scheme with one in every tenth store {_weeks(one.scheme)}."
            if one.scheme
            else "."
        ),
        soft_wrap=True,
    )


def _weeks(weeks: float | None) -> str:
    if weeks is None:
        return "never"
    if weeks < 1:
        return "within a week"
    return f"after {weeks:,.0f} weeks" if weeks >= 1.5 else "after a week"


def _authors(authors: "tuple[Author, ...]") -> object:
    from shrinkwatch.run import terminal

    numbers = ("answers", "checked", "right", "weight")
    listed = terminal.table("who", *numbers, "against the others", right=numbers)
    for one in authors:
        points = "" if one.difference is None else f"{100 * one.difference:+.0f} points of theft"
        listed.add_row(
            terminal.plain(one.name or "not signed"),
            f"{one.answers:,}",
            f"{one.checked:,}",
            f"{one.right:,}",
            f"{one.share:.0%}",
            terminal.plain(one.flagged or points),
        )
    return listed
