"""docs/guide/answer-alerts.md, followed by the letter on a scored chain."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

from shrinkwatch.run import settings

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "answer-alerts.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)


def test_the_guide_does_what_it_says(
    command: Callable[..., Any], workspace: Path, tmp_path: Path
) -> None:
    here = Path(copytree(workspace, tmp_path / "here"))
    every = json.loads(command("alerts", "--json", "-w", here).stdout)["alerts"]
    first, second = every[0]["alert_id"], every[1]["alert_id"]
    (table,), (toml,) = blocks("csv"), blocks("toml")
    (here / "cases.csv").write_text(table.replace("3f2a9c5e10b24d7f8a91", second), "utf-8")
    kept = (here / settings.FILE_NAME).read_text("utf-8").replace("[labels]\n", "")
    (here / settings.FILE_NAME).write_text(f"{kept}\n{toml}", "utf-8")
    ran = []
    for line in "".join(blocks("sh")).splitlines():
        _, *words = shlex.split(line)
        named = [{"3f2a9c": first, "cases.csv": here / "cases.csv"}.get(one, one) for one in words]
        done = command(*named, "-w", here)
        assert done.exit_code == 0 or words[0] in {"check", "train"}, (line, done.output)
        ran.append(words[0])
    assert ran == ["label", "show", "label", "label", "check", "quality", "train"]
    assert "nothing can be learned" in done.output  # two answers, of the newest days
    told = json.loads(command("label", "--json", "-w", here).stdout)
    assert told["outcomes"] == {first: "theft", second: "legitimate"}
    assert settings.read(here).labeller[0].name == "kim"
