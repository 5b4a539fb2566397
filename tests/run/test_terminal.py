"""The terminal: nothing from a till colours it, and a pipe sees no progress bar."""

import io
import json
import sys

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


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_each_step_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with terminal.progress() as tell:
        assert tell is not None
        tell("Loading", 1, 4)
        tell("Loading", 4, 4)
        tell("Archiving", 0, None)
    assert "Loading" in shown.getvalue()
    assert "Archiving" in shown.getvalue()


def test_hidden_progress_tells_nobody_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with terminal.progress(hidden=True) as tell:
        assert tell is None


def test_a_complaint_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.complain("no such [file]")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error: no such [file]\n"
