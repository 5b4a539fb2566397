"""`shrinkwatch world`: the files of a simulated chain, for whoever wants to measure a detector."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.run.world import MadeChain


class FeedProfile(StrEnum):
    """What the feed lacks; `shrinkwatch.world.profiles` says of each what and why."""

    full = "full"
    header_only = "header_only"
    no_line_times = "no_line_times"
    no_totals = "no_totals"
    last_four = "last_four"
    naive_times = "naive_times"
    no_originals = "no_originals"
    no_events = "no_events"
    completed_only = "completed_only"
    no_flags = "no_flags"
    no_entry = "no_entry"
    no_approvers = "no_approvers"
    no_operators = "no_operators"
    no_customers = "no_customers"
    no_tables = "no_tables"


def world(
    stores: Annotated[int, typer.Option(min=1, help="How many stores the chain has.")] = 20,
    weeks: Annotated[int, typer.Option(min=1, help="For how many weeks they trade.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Another number is another chain.")] = 1,
    intensity: Annotated[
        float,
        typer.Option(min=0.0, help="How often thieves steal: 0.5 is careful, 2 is reckless."),
    ] = 1.0,
    profile: Annotated[
        FeedProfile, typer.Option(metavar="NAME", help="What the feed lacks, as real feeds do.")
    ] = FeedProfile.full,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to write it.", show_default="chain"),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Write the files of a simulated chain: receipts, tables, stock, and who stole what.

    Everything of a chain that never existed, to try and to measure a detector on. The folder's
    README says which files are the feed and which are the answers. A folder that this command made
    is replaced; any other that is not empty is left alone.

    Profiles: full, header_only, no_line_times, no_totals, last_four, naive_times, no_originals,
    no_events, completed_only, no_flags, no_entry, no_approvers, no_operators, no_customers and
    no_tables.

    **Examples**

    - `shrinkwatch world --stores 5 --weeks 4 --out chain`
    - `shrinkwatch world --profile header_only --seed 7 --out poor-feed`
    """
    from shrinkwatch.records.trouble import Trouble
    from shrinkwatch.run import terminal
    from shrinkwatch.run.world import make_chain
    from shrinkwatch.world.settings import WorldSettings

    folder = workspace / "chain" if out is None else out
    settings = WorldSettings(stores=stores, weeks=weeks, seed=seed, intensity=intensity)
    try:
        with terminal.progress(hidden=json) as tell:
            made = make_chain(folder, settings, profile=profile.value, progress=tell)
    except KeyboardInterrupt:
        raise Trouble(f"stopped; nothing was written to {folder}") from None
    if json:
        terminal.print_json({"folder": str(folder), "made": made})
        return
    _say(made, folder)


def _say(made: "MadeChain", folder: Path) -> None:
    from shrinkwatch.run import terminal
    from shrinkwatch.world.profiles import PROFILES, said

    listed = terminal.table("file", "rows", right=("rows",))
    for name, rows in made.rows.items():
        listed.add_row(name, f"{rows:,}")
    out = terminal.out()
    out.print(listed)
    out.print(f"Profile [bold]{made.profile}[/]: {terminal.plain(said(PROFILES[made.profile]))}")
    out.print(
        f"Written to [bold]{terminal.plain(folder)}[/]; its README says what is feed and what is "
        "answer.",
        soft_wrap=True,
    )
