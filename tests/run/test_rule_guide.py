"""docs/guide/write-a-rule.md, followed by the letter, on fewer weeks of the same chain."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "write-a-rule.md"
RULE = "second_cash_refund"


def steps() -> Iterator[tuple[str, str]]:
    """Yield the page's command lines ("sh") and files ("toml") in the order in which they stand."""
    for kind, block in re.findall(r"```(sh|toml)\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL):
        yield from ((kind, text) for text in (block.splitlines() if kind == "sh" else [block]))


def follow(command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Do what the page says, here; returns each command's first words and what it printed."""
    told = []
    for kind, text in steps():
        if kind == "toml":
            Path("rules", f"{RULE}.toml").write_text(text, "utf-8")
            continue
        name, *words = shlex.split(text)
        if name == "cd":
            monkeypatch.chdir(words[0])
            continue
        assert name == "shrinkwatch"
        fewer = ["3" if b == "--weeks" else word for b, word in pairwise(["", *words])]
        done = command(*fewer, *(() if words[0] == "init" else ("--json",)))
        assert done.exit_code == 0, (text, done.output)
        told.append((" ".join(words[:2]), None if words[0] == "init" else json.loads(done.stdout)))
    return told


def test_the_page_leads_from_a_suspicion_to_its_alert(
    command: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = follow(command, monkeypatch)
    assert RULE not in {rule["id"] for said in all_of(told, "rules list") for rule in said["rules"]}
    found = {column["name"] for said in all_of(told, "rules columns") for column in said["columns"]}
    assert {"operator_refunds_8h", "cash_refund_minor", "lane_type"} <= found
    assert [said["failed"] for said in all_of(told, "rules test")] == [[], []]
    draft, final = (said["lifts"][0] for said in all_of(told, "rules lift"))
    assert final["lift"] > draft["lift"]
    assert final["low"] > 1
    assert final["thefts"] == draft["thefts"]
    assert final["fired"] < draft["fired"]
    (alerts,) = all_of(told, "alerts --rule")
    assert alerts["alerts"]
    assert told[-1][0].startswith("report")


def all_of(told: list[tuple[str, Any]], words: str) -> list[Any]:
    return [said for name, said in told if name == words]
