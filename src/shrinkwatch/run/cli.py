"""The command line: one command for each thing that a person wants done.

Commands live one to a file in `run/commands`; each imports what it needs when it runs, so that
`--help` answers at once.
"""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from shrinkwatch.run.commands.alerts import alerts
from shrinkwatch.run.commands.audit import audit
from shrinkwatch.run.commands.backup import backup, restore
from shrinkwatch.run.commands.bench import bench
from shrinkwatch.run.commands.check import check
from shrinkwatch.run.commands.consume import consume
from shrinkwatch.run.commands.demo import demo
from shrinkwatch.run.commands.init import init
from shrinkwatch.run.commands.keys import keys
from shrinkwatch.run.commands.label import label
from shrinkwatch.run.commands.learn import learn
from shrinkwatch.run.commands.live import live
from shrinkwatch.run.commands.load import load
from shrinkwatch.run.commands.map import map_file
from shrinkwatch.run.commands.models import models
from shrinkwatch.run.commands.mute import mute
from shrinkwatch.run.commands.notify import notify
from shrinkwatch.run.commands.quality import quality
from shrinkwatch.run.commands.receipt import receipt
from shrinkwatch.run.commands.report import report
from shrinkwatch.run.commands.rules import rules
from shrinkwatch.run.commands.score import score
from shrinkwatch.run.commands.serve import serve
from shrinkwatch.run.commands.show import show
from shrinkwatch.run.commands.train import train
from shrinkwatch.run.commands.users import users
from shrinkwatch.run.commands.watch import watch
from shrinkwatch.run.commands.world import world
from shrinkwatch.run.memory import share_arenas

_WAY = "The way from a feed to a lead"
_LOOK = "Looking closer"
_KEEP = "Keeping it right"
_LIVE = "While the day goes on"
_LEARN = "Learning from what people found"
_TRY = "Trying it out"


class Commands(TyperGroup):
    """Turns expected trouble into a sentence and exit code 1, instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Return what the command returns.

        Raises: typer.Exit with code 1 after saying what went wrong and what to do.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _complain("stopped. What was finished is kept; the same command goes on from there.")
        except OSError as error:
            if error.filename is None:
                raise
            _complain(f"{error.filename}: {error.strerror or error}")
        except Exception as error:
            if not _is_ours(error):
                raise
            _complain(str(error))
        raise typer.Exit(1)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `shrinkwatch demo`. Every command explains itself: "
    "`shrinkwatch load --help`.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"shrinkwatch {version('shrinkwatch')}")
        raise typer.Exit


@app.callback()
def shrinkwatch(
    _version_wanted: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, metavar="", help="Say the version."
        ),
    ] = False,
) -> None:
    """From any till feed to a few argued leads on what was lost, where, and how sure that is.

    A lead is not a finding: a person decides.
    """


app.command(rich_help_panel=_WAY)(demo)
app.command(rich_help_panel=_WAY)(init)
app.command("map", rich_help_panel=_WAY)(map_file)
app.command(rich_help_panel=_WAY)(load)
app.command(rich_help_panel=_WAY)(watch)
app.command(rich_help_panel=_WAY)(consume)
app.command(rich_help_panel=_WAY)(score)
app.command(rich_help_panel=_LOOK)(alerts)
app.command(rich_help_panel=_LOOK)(notify)
app.command(rich_help_panel=_LOOK)(show)
app.command(rich_help_panel=_LOOK)(receipt)
app.command(rich_help_panel=_LOOK)(report)
app.command(rich_help_panel=_KEEP)(rules)
app.command(rich_help_panel=_KEEP)(mute)
app.command(rich_help_panel=_KEEP)(check)
app.command(rich_help_panel=_KEEP)(audit)
app.command(rich_help_panel=_KEEP)(backup)
app.command(rich_help_panel=_KEEP)(restore)
app.command(rich_help_panel=_LIVE)(serve)
app.command(rich_help_panel=_LIVE)(live)
app.add_typer(keys, name="keys", rich_help_panel=_LIVE)
app.add_typer(users, name="users", rich_help_panel=_LIVE)
app.command(rich_help_panel=_LEARN)(models)
app.command(rich_help_panel=_LEARN)(label)
app.command(rich_help_panel=_LEARN)(train)
app.command(rich_help_panel=_LEARN)(quality)
app.add_typer(learn, name="learn", rich_help_panel=_LEARN)
app.command(rich_help_panel=_TRY)(world)
app.add_typer(bench, name="bench", rich_help_panel=_TRY)


def main() -> None:
    """Run the command line; exits 0 when done, 1 when it failed, 2 when it was asked wrongly."""
    share_arenas()
    app()


def _is_ours(error: Exception) -> bool:
    """Exceptions that this package defines are written for people; all others are faults of it."""
    return type(error).__module__.partition(".")[0] == __name__.partition(".")[0]


def _complain(sentence: str) -> None:
    from shrinkwatch.run.terminal import complain, print_json

    if "--json" in sys.argv:
        print_json({"error": sentence})
    complain(sentence)
