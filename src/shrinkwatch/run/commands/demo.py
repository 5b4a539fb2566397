"""`shrinkwatch demo`: a simulated chain with known thefts, through the whole way."""

from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace


def demo(
    stores: Annotated[int, typer.Option(min=1, help="How many stores the chain has.")] = 20,
    weeks: Annotated[int, typer.Option(min=1, help="For how many weeks they trade.")] = 8,
    seed: Annotated[int, typer.Option(help="Another number is another chain.")] = 1,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Simulate a chain with known thefts and honest look-alikes, load it, score it, report it.

    Needs no data, no key and no server. The files of the chain, with the sheet of who stole what,
    are in the workspace's `feed` folder: look whether the leads are right.

    **Example**

    - `shrinkwatch demo --workspace demo`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.commands.alerts import say_ranking
    from shrinkwatch.run.demo import demo as play
    from shrinkwatch.run.opened import opened

    with terminal.progress(hidden=json) as tell:
        played = play(workspace, stores=stores, weeks=weeks, seed=seed, progress=tell)
    if json:
        terminal.print_json(played)
        return
    desk = opened(workspace)
    say_ranking(desk.alerts.all(), desk)
    steps = ", ".join(f"{step.lower()} {taken:.0f} s" for step, taken in played.seconds.items())
    terminal.out().print(
        f"{played.transactions:,} transactions of {played.stores} stores and {played.weeks} weeks: "
        f"{steps}.\nThe report: [bold]{terminal.plain(played.report)}[/]",
        soft_wrap=True,
    )
