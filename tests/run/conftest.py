"""A small chain that was loaded and scored once, for every command to look at."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from shrinkwatch.run.benchmark.detect import detect
from shrinkwatch.run.cli import app
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.files import write
from shrinkwatch.world.settings import WorldSettings

TABLES = ("stores", "registers", "operators", "items", "shifts")


def invoke(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(word) for word in words])


@pytest.fixture(scope="session")
def command() -> Callable[..., Result]:
    """Runs one command line; returns its exit code, output and complaints."""
    return invoke


@pytest.fixture(scope="session")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of two stores and three weeks in which somebody opens the drawer after voids."""
    folder = tmp_path_factory.mktemp("feed")
    chain = WorldSettings(
        stores=3,
        weeks=3,
        seed=7,
        transactions_per_store_day=60,
        cases_per_store_year=12,
        intensity=2.0,
        schemes=("void_then_no_sale", "late_line_void"),
    )
    write(simulate(chain), folder)
    return folder


@pytest.fixture(scope="session")
def workspace(feed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which these files were loaded and scored."""
    folder = tmp_path_factory.mktemp("chain") / "workspace"
    tables = [feed / f"{name}.csv" for name in TABLES]
    assert invoke("init", folder).exit_code == 0
    loaded = invoke("load", feed / "transactions.ndjson.zst", *tables, "--workspace", folder)
    assert loaded.exit_code == 0, loaded.output
    scored = invoke("score", "--workspace", folder)
    assert scored.exit_code == 0, scored.output
    return folder


@dataclass(frozen=True)
class Played:
    """A demo of two stores and one week, and what the command said of it."""

    folder: Path
    told: dict[str, Any]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    words = ("--stores", "2", "--weeks", "1", "--json", "--workspace", folder)
    done = invoke("demo", *words)
    assert done.exit_code == 0, done.output
    return Played(folder, json.loads(done.stdout))


@dataclass(frozen=True)
class Stopped:
    """A tiny benchmark that was stopped after its first chain and went on.

    kept: file name -> when it was written, before the stop. told: what the second run still did.
    """

    folder: Path
    kept: dict[str, int]
    told: list[tuple[float, float | None]]


def written(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


@pytest.fixture(scope="session")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """The results of the suite "tiny" in its whole profile."""
    folder = tmp_path_factory.mktemp("benchmark")
    told: list[tuple[float, float | None]] = []

    def stop(_what: str, done: float, _of: float | None) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        detect("tiny", folder, jobs=1, progress=stop)
    kept = written(folder)
    detect("tiny", folder, jobs=1, progress=lambda _, done, of: told.append((done, of)))
    return Stopped(folder, kept, told)
