"""`shrinkwatch models`: which learned models there are, which one is trusted, and going back."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shrinkwatch.models.promotions import Entry
    from shrinkwatch.models.registry import Listed, Registry
    from shrinkwatch.records.deed import DeedKind
    from shrinkwatch.run.drift import Drift
    from shrinkwatch.run.opened import Opened


class Wish(StrEnum):
    """What to do with the models."""

    list = "list"
    show = "show"
    promote = "promote"
    rollback = "rollback"
    drift = "drift"


def models(
    wish: Annotated[
        Wish,
        typer.Argument(
            help="**list** them, **show** one with its history, **promote** one to champion, or "
            "**rollback** to the champion before; what **drift** there is in feeds and answers."
        ),
    ] = Wish.list,
    model: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="How the model's id begins; show, promote.", show_default=False
        ),
    ] = "",
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="The reason to write down.", show_default=False)
    ] = "",
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", metavar="", help="Promote what the gate did not pass; it is written down."
        ),
    ] = False,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """List the learned models, promote one to champion, or go back to the one before.

    The champion gives the probabilities. Every model is signed with the workspace's key: one that
    was changed is refused, and the last good champion stays. Going back takes a second, and scores
    are then what they were, to the last bit. The history of champions is kept and signed.

    `drift` looks at the newest closed day beside the four weeks before, at stores that fell silent,
    and at how right alerts are. It exits with 1 when something is no longer as it was. What cannot
    be known, as where nobody answers, is unknown and never counts as steady.

    **Examples**

    - `shrinkwatch models`
    - `shrinkwatch models show 3f2a`
    - `shrinkwatch models promote 3f2a --why "read the report, store 7 was rebuilt"`
    - `shrinkwatch models rollback --why "twice as many alerts since Monday"`
    - `shrinkwatch models drift`
    """
    from shrinkwatch.run.opened import opened

    if wish in {Wish.show, Wish.promote} and not model:
        raise typer.BadParameter(f"name the model: shrinkwatch models {wish} ID")
    if wish in {Wish.promote, Wish.rollback} and not why.strip():
        raise typer.BadParameter("say why, for those who come later: --why TEXT")
    desk = opened(workspace)
    registry = desk.workspace.models
    if wish is Wish.list:
        _list(registry, json)
    elif wish is Wish.drift:
        _drift(desk, json)
    elif wish is Wish.show:
        _show(registry, registry.find(model), workspace, json)
    elif wish is Wish.promote:
        at, by = _now_and_who()
        entry = registry.promote(registry.find(model), at=at, by=by, why=why, anyway=anyway)
        _note(desk, entry)
        _done(entry, json)
    else:
        at, by = _now_and_who()
        entry = registry.rollback(at=at, by=by, why=why)
        _note(desk, entry)
        _done(entry, json)


def _note(desk: "Opened", entry: "Entry") -> None:
    from shrinkwatch.run.audit import note

    kind: DeedKind = "model_promoted" if entry.what == "promoted" else "model_rolled_back"
    against = {"against_the_gate": "yes"} if entry.against else {}
    note(desk.workspace, kind, f"model {entry.model_id or '(none)'}", against)


def _now_and_who() -> tuple[Any, str]:
    import getpass
    from datetime import UTC, datetime

    return datetime.now(UTC), getpass.getuser()


def _list(registry: "Registry", json: bool) -> None:
    from shrinkwatch.models.promotions import champions
    from shrinkwatch.run import terminal

    told = registry.history()
    stack = champions(told.entries)
    champion = stack[-1] if stack else None
    listed = registry.listed()
    if json:
        found = [_document(one) for one in listed]
        terminal.print_json(
            {"champion": champion, "models": found, "history": told.entries, "wrong": told.trouble}
        )
    else:
        _say_list(listed, champion)
        if told.trouble is not None:
            terminal.complain(told.trouble)
    if told.trouble is not None:
        raise typer.Exit(1)


def _say_list(listed: "tuple[Listed, ...]", champion: str | None) -> None:
    from shrinkwatch.run import terminal

    said = terminal.out()
    if not listed:
        said.print("No model was learned yet; leads rest on rules and peers alone.")
        return
    shown = terminal.table(
        "", "model", "made", "learned from", "answers", "the gate", right=("answers",)
    )
    for one in listed:
        mark = "[green]champion[/]" if one.model_id == champion else ""
        if one.manifest is None:
            shown.add_row(
                "[bold red]refused[/]", one.model_id, "", "", "", terminal.plain(one.trouble)
            )
            continue
        data = one.manifest.data
        shown.add_row(
            mark,
            one.model_id,
            f"{one.manifest.made_at:%Y-%m-%d %H:%M}",
            f"{data.first} to {data.last}",
            f"{data.answers:,}",
            one.verdict or "not judged",
        )
    said.print(shown)
    if champion is None:
        said.print("None of them is champion: leads rest on rules and peers alone.")


def _show(registry: "Registry", model_id: str, workspace: "Path", json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.gate_report import GATE_REPORTS

    manifest = registry.read(model_id).manifest
    entries = [one for one in registry.history().entries if one.model_id == model_id]
    if json:
        terminal.print_json({"model": manifest, "history": entries})
        return
    said = terminal.out()
    data = manifest.data
    said.print(f"[bold]{model_id}[/], made {manifest.made_at:%Y-%m-%d %H:%M} UTC")
    said.print(
        f"learned from {data.first} to {data.last}, {data.answers:,} answers, "
        f"{len(manifest.columns)} features; code {terminal.plain(manifest.code)}"
    )
    said.print(f"[dim]beside the champion {manifest.parent or '(none)'}[/]")
    shown = terminal.table("measured", "", right=("",))
    for name, value in sorted(manifest.metrics.items()):
        shown.add_row(name.replace("_", " "), "unknown" if value is None else f"{value:,.4f}")
    said.print(shown)
    report = workspace / GATE_REPORTS / model_id / "report.md"
    if report.is_file():
        said.print(f"The gate's report: [bold]{terminal.plain(report)}[/]", soft_wrap=True)
    for entry in entries:
        said.print(f"{entry.at:%Y-%m-%d %H:%M} {_happened(entry)}", soft_wrap=True)


def _happened(entry: "Entry") -> str:
    from shrinkwatch.run.terminal import plain

    what = {"promoted": "promoted", "rolled_back": "champion again, after a rollback"}
    said = what.get(entry.what, f"the gate: {entry.verdict}")
    against = " [yellow]against the gate[/]" if entry.against else ""
    return f"{said}{against} [dim]by {plain(entry.by)}: {plain(entry.why)}[/]"


def _done(entry: "Entry", json: bool) -> None:
    from shrinkwatch.run import terminal

    if json:
        terminal.print_json(entry)
    elif entry.model_id is None:
        terminal.out().print("No learned model is champion now: leads rest on rules and peers.")
    else:
        terminal.out().print(
            f"[bold]{entry.model_id}[/] is champion from the next `shrinkwatch score` on."
        )
        if entry.against:
            terminal.err().print(
                "[yellow]Note:[/] the gate had not passed it; that is written down."
            )


def _drift(desk: "Opened", json: bool) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.drift import drift

    found = drift(desk)
    if json:
        terminal.print_json({"changed": found.changed, "drift": found})
    else:
        _say_drift(found)
    if found.changed:
        raise typer.Exit(1)


def _say_drift(found: "Drift") -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.run.terminal import plain

    colours = {"steady": "green", "changed": "bold red", "unknown": "yellow"}
    shown = terminal.table("", "about", "what was seen")
    for about, state, says in _drift_rows(found):
        shown.add_row(f"[{colours[state]}]{state}[/]", plain(about), plain(says))
    said = terminal.out()
    said.print(shown)
    said.print(f"{found.changed} things are no longer as they were." if found.changed else
               "Nothing that can be known has changed.")  # fmt: skip


def _drift_rows(found: "Drift") -> "Iterator[tuple[str, str, str]]":
    """Yield what is said of each thing; of series that are steady, or unknown, only how many."""
    from shrinkwatch.console.words import percent

    for one in found.shifts:
        if one.shifted:
            name = f"{one.feature} of {one.store_id or 'the whole chain'}"
            moved = f"{one.bin}: {percent(one.was)} before, {percent(one.is_)} on {found.day}"
            large = " (large)" if one.large else ""
            yield name, "changed", f"{moved}; index {one.index:.3f}{large}"
    states = [one.shifted for one in found.shifts]
    if steady := states.count(False):
        yield "shares", "steady", f"{steady:,} shares of stores on {found.day}"
    if unknown := states.count(None) or not states:
        yield "shares", "unknown", f"{unknown:,} shares: too few days or receipts"
    if found.silent is None:
        last = "ever" if found.newest is None else f"since {found.newest:%Y-%m-%d %H:%M} UTC"
        yield "feeds", "unknown", f"nothing came {last}"
    for quiet in found.silent or ():
        says = f"sent nothing since {quiet.last:%Y-%m-%d %H:%M} UTC; usual: {quiet.usual:,.0f}"
        yield f"store {quiet.store_id}", "changed", says
    if found.silent == ():
        yield "feeds", "steady", "every store that usually sends does"
    for watched in found.watched:
        since = f" (found on {watched.since})" if watched.since else ""
        yield watched.about.replace("_", " "), watched.state, watched.says + since


def _document(one: "Listed") -> dict[str, Any]:
    return {
        "model_id": one.model_id,
        "verdict": one.verdict,
        "refused": one.trouble,
        "manifest": one.manifest,
    }
