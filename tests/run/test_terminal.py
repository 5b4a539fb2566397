"""The terminal: nothing from a till colours it, and a pipe sees no progress bar."""

import json

import pytest

from shrinkwatch.run import terminal


def test_markup_and_escapes_from_a_till_are_text() -> None:
    hostile = "[bold red]RUM[/] \x1b[2J\n"
    shown = terminal.plain(hostile)
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_hostile_text_prints_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.out().print(terminal.plain("[bold]RUM[/]"))
    assert capsys.readouterr().out == "[bold]RUM[/]\n"


def test_json_is_one_document_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_json({"a": [1, 2]})
    assert capsys.readouterr().out == '{"a":[1,2]}\n'
    assert json.loads('{"a":[1,2]}')


def test_in_a_pipe_nobody_is_told_of_progress() -> None:
    with terminal.progress() as tell:
        assert tell is None


def test_a_complaint_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.complain("no such [file]")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: no such [file]\n"
