"""`shrinkwatch report`: the leads as one page."""

from pathlib import Path
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace


def report(
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Where to write it.", show_default="reports/leads.html"
        ),
    ] = None,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Write the leads as one HTML file: reasons, peers, receipts, what exonerates, what is unknown.

    The file fetches nothing and runs no script: it can be sent, archived and printed.

    **Example**

    - `shrinkwatch report --out leads.html`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.report import write

    written = write(workspace, out)
    if json:
        terminal.print_json({"report": str(written.path), "alerts": written.alerts})
        return
    leads = "one alert" if written.alerts == 1 else f"{written.alerts:,} alerts"
    terminal.out().print(
        f"Wrote {leads} to [bold]{terminal.plain(written.path)}[/]; open it in a browser.",
        soft_wrap=True,
    )
