"""How the command line speaks: tables for people, one JSON document for programs, errors to stderr.

Rich is imported when something is printed, not when the command line starts.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Progress = Callable[[str, float, float | None], None]
"""Called with what is being done, how much is done, and how much there is (None: not known)."""


def out() -> "Console":
    """Return what prints to standard output."""
    from rich.console import Console

    return Console(highlight=False)


def err() -> "Console":
    """Return what prints to standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def plain(text: object) -> str:
    """Return the text so that nothing in it is taken as a colour or moves the cursor."""
    from rich.markup import escape

    from shrinkwatch.cases.paper import printable

    return escape(printable(str(text)))


def print_json(document: Any) -> None:
    """Print one JSON document on standard output, indented on a terminal."""
    import msgspec

    encoded = msgspec.json.encode(document, order="deterministic")
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded)
    sys.stdout.write(encoded.decode() + "\n")


def table(*columns: str, title: str | None = None, right: tuple[str, ...] = ()) -> "Table":
    """Return an empty table with these columns; those in `right` hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left")
    return made


def complain(sentence: str) -> None:
    """Say what went wrong and what to do, on standard error."""
    err().print(f"[bold red]Error:[/] {plain(sentence)}", soft_wrap=True)


@contextmanager
def progress(*, hidden: bool = False) -> Iterator[Progress | None]:
    """Give a callback that draws a bar on a terminal's standard error; None in a pipe."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Bars(*columns, TimeElapsedColumn(), console=err(), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def tell(what: str, done: float, total: float | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield tell
