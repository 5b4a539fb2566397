"""`shrinkwatch train`: learns from the answers, and promotes only what the gate lets through."""

from typing import TYPE_CHECKING

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from shrinkwatch.run.train import Trained


def train(workspace: Workspace = HERE, json: Json = False) -> None:
    """Learn from people's answers, and let the gate decide whether the new model may act.

    Taught are the dossiers of earlier days, which scoring kept; the gate asks of the newest weeks,
    which the model has not seen. What is not proven to be no worse is not promoted. A report is
    written either way. Run it every night, after `shrinkwatch score`.

    **Examples**

    - `shrinkwatch score && shrinkwatch train`
    - `shrinkwatch models`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.opened import opened
    from shrinkwatch.run.train import train as learn

    desk = opened(workspace)
    with terminal.progress(hidden=json) as tell:
        found = learn(desk, progress=tell)
    if json:
        terminal.print_json(found)
        return
    _say(found)


def _say(found: "Trained") -> None:
    from shrinkwatch.console.words import counted
    from shrinkwatch.run import terminal
    from shrinkwatch.run.train import report_in_words

    said = terminal.out()
    taught = f"{counted(found.answers, 'answered dossiers')} of {found.dossiers:,}"
    said.print(f"Model [bold]{found.model}[/] learned from {taught} in {found.seconds:.1f} s.")
    if found.promoted:
        said.print("[green]Promoted[/]: from the next day on it gives the probabilities.")
    else:
        said.print(f"[yellow]Not promoted[/] ({found.report.verdict}): the champion stays.")
        said.print(f"The gate: {report_in_words(found.report)}.")
    said.print(f"Why, with plots: {found.page}")
