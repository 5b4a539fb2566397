"""`report`: one file with everything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_the_report_is_written_where_it_is_wanted(
    command: Command, workspace: Path, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "leads.html"
    result = command("report", "--out", out, "--json", "--workspace", workspace)
    told = json.loads(result.stdout)
    assert told["report"] == str(out)
    html = out.read_text("utf-8")
    assert html.count("<article") >= 1
    assert "what could not be checked" in html.lower()
    assert "What was read, and what it can show" in html
    assert 'class="paper"' in html


def test_without_a_place_it_goes_into_the_workspace(command: Command, workspace: Path) -> None:
    command("report", "--workspace", workspace)
    assert (workspace / "reports" / "leads.html").is_file()


def test_an_empty_workspace_has_a_report_too(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    assert command("report", "--workspace", tmp_path).exit_code == 0
    assert "Nothing worth a review" in (tmp_path / "reports" / "leads.html").read_text("utf-8")
