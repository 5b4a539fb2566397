"""The command line as people and programs meet it: help, exit codes, JSON, and no waiting."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from shrinkwatch.run.cli import Commands, app

COMMANDS = ["demo", "init", "map", "load", "score", "alerts", "show", "receipt", "report", "rules"]
COMMANDS += ["mute", "check", "models", "world"]
HEAVY = ("polars", "numba", "numpy", "sqlalchemy", "scipy", "lxml", "jinja2")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from shrinkwatch.run.cli import app\n"
        "result = CliRunner().invoke(app, ['--help'])\n"
        f"print(result.exit_code, [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0 []"


def test_help_takes_half_a_second_or_four_times_what_its_library_takes() -> None:
    """On a slow machine Python with typer alone takes long; what comes on top is ours.

    CPU time, as a busy machine says nothing of us.
    """

    def cpu_s() -> float:
        children = os.times()
        return children.children_user + children.children_system

    def once(*command: str) -> float:
        began = cpu_s()
        subprocess.run([sys.executable, *command], capture_output=True, check=True)
        return cpu_s() - began

    library = min(once("-c", "import typer") for _ in range(4))
    assert min(once("-m", "shrinkwatch", "--help") for _ in range(4)) <= max(0.5, 4 * library)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_teaches_by_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"shrinkwatch {command}" in result.stdout
    assert "Example" in result.stdout
    assert "--json" in result.stdout


def test_the_version_is_said() -> None:
    assert run("--version").stdout == "shrinkwatch 0.1.0\n"


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("alerts", "--min-probability", "2"),
        ("alerts", "--status", "lost"),
        ("score", "--since", "yesterday"),
        ("load",),
        ("receipt",),
        ("rules", "weigh"),
    ],
)
def test_wrong_usage_exits_with_2(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize("command", [("alerts",), ("show", "x"), ("receipt", "x"), ("report",)])
def test_a_folder_that_is_no_workspace_is_explained(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    result = run(*command, "--workspace", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert "shrinkwatch init" in result.stderr
    assert "Traceback" not in result.stderr


def test_trouble_is_json_too_when_json_is_wanted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shrinkwatch", "alerts", "--json", "--workspace"]
    done = subprocess.run([*command, str(tmp_path / "nowhere")], capture_output=True, check=False)
    assert done.returncode == 1
    assert "shrinkwatch init" in json.loads(done.stdout)["error"]


def _failing(error: BaseException) -> Result:
    broken = typer.Typer(cls=Commands, pretty_exceptions_enable=False)

    @broken.command()
    def fail() -> None:
        raise error

    @broken.command()
    def other() -> None:
        return None

    return CliRunner().invoke(broken, ["fail"])


def test_control_c_is_answered_kindly() -> None:
    result = _failing(KeyboardInterrupt())
    assert result.exit_code == 1
    assert "What was finished is kept" in result.stderr


def test_a_full_disk_is_a_sentence() -> None:
    result = _failing(OSError(errno.ENOSPC, "No space left on device", "journal.sqlite"))
    assert result.exit_code == 1
    assert "journal.sqlite: No space left on device" in result.stderr


def test_a_fault_of_ours_is_not_hidden() -> None:
    assert isinstance(_failing(ZeroDivisionError()).exception, ZeroDivisionError)
