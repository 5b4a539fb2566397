"""`shrinkwatch check`: what is wrong here, and what to do."""

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace


def check(workspace: Workspace = HERE, json: Json = False) -> None:
    """Say what is wrong with settings, rules, tables and feeds, and what to do about it.

    Exits with 1 when something is wrong, so that a nightly job can ask.

    **Example**

    - `shrinkwatch check`
    """
    from shrinkwatch.run import terminal
    from shrinkwatch.run.check import check as look

    answers = look(workspace)
    wrong = sum(answer.level == "wrong" for answer in answers)
    if json:
        terminal.print_json({"wrong": wrong, "answers": answers})
    else:
        said = terminal.out()
        colours = {"fine": "green", "note": "yellow", "wrong": "bold red"}
        listed = terminal.table("", "about", "what was seen", "what to do")
        for answer in answers:
            mark = f"[{colours[answer.level]}]{answer.level}[/]"
            listed.add_row(mark, *map(terminal.plain, (answer.about, answer.says, answer.do)))
        said.print(listed)
        said.print("Nothing is wrong." if not wrong else f"{wrong} things are wrong.")
    if wrong:
        raise typer.Exit(1)
