"""`shrinkwatch bench`: how well detection works, measured so that anybody can repeat it."""

from pathlib import Path
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import Json

Suite = Annotated[
    str, typer.Option(metavar="NAME", help="**v1** (held out), **development** or **tiny**.")
]

bench = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")


@bench.callback()
def measure() -> None:
    """Measure detection on simulated chains whose thefts are known.

    **Example**

    - `shrinkwatch bench detect --suite v1`
    """


@bench.command()
def detect(
    suite: Suite = "v1",
    profile: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="How poor the feed is, like header_only; may be given again; **all**.",
            show_default="full",
        ),
    ] = None,
    alerts: Annotated[
        Path | None,
        typer.Option(
            metavar="THEIRS.csv",
            help="Score another system's alerts instead.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Chains measured side by side.")] = 2,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where results are kept.", file_okay=False)
    ] = Path("bench-detect"),
    fresh: Annotated[
        bool, typer.Option("--fresh", metavar="", help="Measure again what was measured.")
    ] = False,
    json: Json = False,
) -> None:
    """Measure precision, recall and false alerts, beside a fixed multiple and an isolation forest.

    Each chain is simulated, loaded and scored as yours would be, without labels; its answers say
    which alerts were right. A finished chain is kept: stopped, the same command goes on from
    there. docs/benchmark.md explains the protocol and its limits.

    **Examples**

    - `shrinkwatch bench detect --suite v1`
    - `shrinkwatch bench detect --suite v1 --profile header_only --profile naive_times`
    - `shrinkwatch bench detect --suite v1 --alerts theirs.csv`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.benchmark.detect import detect as measure
    from shrinkwatch.run.benchmark.detect import submitted
    from shrinkwatch.run.benchmark.shown import show
    from shrinkwatch.run.benchmark.summary import benchmark

    profiles = _profiles(profile or ["full"])
    if alerts is not None and len(profiles) > 1:
        raise typer.BadParameter("--alerts are of one feed: name one --profile")
    with terminal.progress(hidden=json) as tell:
        if alerts is None:
            found = measure(suite, out, profiles=profiles, jobs=jobs, fresh=fresh, progress=tell)
        else:
            found = submitted(suite, out, alerts, profile=profiles[0], jobs=jobs, progress=tell)
    whole = benchmark(suite, found)
    if json:
        terminal.print_json(whole)
    else:
        show(whole, terminal.out())


@bench.command()
def feed(
    suite: Suite = "v1",
    profile: Annotated[
        str, typer.Option(metavar="NAME", help="How poor the feed is, like header_only.")
    ] = "full",
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to write the chains.", file_okay=False)
    ] = Path("bench-feed"),
    json: Json = False,
) -> None:
    """Write a suite's chains as files for another system, without the answers.

    What that system raises comes back as a CSV: `shrinkwatch bench detect --alerts`.

    **Example**

    - `shrinkwatch bench feed --suite v1 --out chains`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.benchmark.feed import write_feeds

    (wanted,) = _profiles([profile])
    with terminal.progress(hidden=json) as tell:
        written = write_feeds(suite, out, profile=wanted, progress=tell)
    if json:
        terminal.print_json({"folders": list(map(str, written.folders)), "made": written.made})
        return
    terminal.out().print(
        f"{len(written.folders)} chains in [bold]{terminal.plain(out)}[/], {written.made} of them "
        "written now.",
        soft_wrap=True,
    )


@bench.command()
def schemes(
    results: Annotated[
        Path | None,
        typer.Option(
            metavar="RESULTS.json",
            help="What `bench detect --json` printed: who was found.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Print a page on every scheme at the till: its rules, its theft, its look-alikes, its recall.

    **Example**

    - `shrinkwatch bench schemes --results v1.json > docs/schemes.md`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.benchmark.scheme_page import page, read_benchmark, scheme_sheets

    measured = None if results is None else read_benchmark(results)
    sheets = scheme_sheets(measured)
    if json:
        terminal.print_json({"schemes": sheets})
    else:
        typer.echo(page(sheets, measured), nl=False)


def _profiles(wanted: list[str]) -> list[str]:
    """Return the profiles by name, each once; raises BadParameter for one that is none."""
    from shrinkwatch.run.rulebook import nearest
    from shrinkwatch.world.profiles import PROFILES

    if "all" in wanted:
        return list(PROFILES)
    for name in wanted:
        if name not in PROFILES:
            raise typer.BadParameter(f"no profile is called {name}; {nearest(name, [*PROFILES])}")
    return list(dict.fromkeys(wanted))
