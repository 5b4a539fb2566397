"""docs/guide/learn-a-table.md, followed by the letter, in less time."""

import csv
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.run.learn import learn

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "learn-a-table.md"
LEAST_TIME = ("--minutes", "0.2")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def told(
    command: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[Any]]:
    """Do what the page says; returns the folder and what each command answered."""
    folder = tmp_path_factory.mktemp("guide")
    with pytest.MonkeyPatch.context() as here:
        here.chdir(folder)
        (script,) = blocks("python")
        exec(compile(script, str(GUIDE), "exec"), {})
        done = []
        for line in "".join(blocks("sh")).splitlines():
            name, *words = shlex.split(line)
            assert name == "shrinkwatch"
            done.append(command(*words, *(LEAST_TIME if "fit" in words else ()), "--json"))
    return folder, done


def test_the_column_filled_in_afterwards_is_refused_as_the_page_says(
    told: tuple[Path, list[Any]],
) -> None:
    refused = told[1][0]
    assert refused.exit_code == 1
    assert " ".join(refused.stderr.split()) in " ".join(GUIDE.read_text("utf-8").split())


def test_the_table_is_read_as_the_page_says(told: tuple[Path, list[Any]]) -> None:
    assert told[1][1].exit_code == 0, told[1][1].output
    said = json.loads(told[1][1].stdout)
    assert [column["name"] for column in said["ignored"]] == ["receipt"]
    assert (said["rows"], said["positive"], said["columns"]) == (1000, 165, 4)
    assert said["threshold"] == pytest.approx(25 / 35)


def test_the_model_earns_more_than_flagging_nobody(told: tuple[Path, list[Any]]) -> None:
    # By a clock that stands still, so that a busy machine does not cut it short.
    found = learn(
        told[0] / "baskets.csv", "fraud", told[0] / "steady", profit=Profit(),
        clock=lambda: 0.0, limit_s=12.0,
    )  # fmt: skip
    assert found.estimate.per_thousand > found.estimate.none + found.estimate.spread


def test_other_stakes_flag_more(told: tuple[Path, list[Any]]) -> None:
    plain, keen = (json.loads(done.stdout) for done in told[1][1:3])
    assert keen["threshold"] == pytest.approx(0.0909, abs=1e-4)
    assert keen["estimate"]["flagged"] > plain["estimate"]["flagged"]


def test_every_new_basket_has_a_row(told: tuple[Path, list[Any]]) -> None:
    folder, done = told
    assert done[3].exit_code == 0, done[3].output
    with (folder / "flags.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 400
    assert [int(row["row"]) for row in rows] == list(range(400))
    assert all((float(row["probability"]) > 25 / 35) == (row["flag"] == "1") for row in rows)
    assert len(done) == 4
