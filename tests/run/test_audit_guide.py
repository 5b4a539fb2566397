"""docs/guide/audit.md, followed by the letter."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shrinkwatch.run import settings

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "audit.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)


def test_the_guide_does_what_it_says(command: Callable[..., Any], tmp_path: Path) -> None:
    here = tmp_path / "here"
    assert command("init", here).exit_code == 0
    (toml,) = blocks("toml")
    kept = (here / settings.FILE_NAME).read_text("utf-8").replace("[audit]\n", "")
    away = toml.replace("/mnt/elsewhere", str(tmp_path / "elsewhere"))
    (here / settings.FILE_NAME).write_text(f"{kept}\n{away}", "utf-8")
    command("mute", "--sku", "1", "--until", "2099-01-01", "--because", "recall", "-w", here)
    ran = []
    for line in "".join(blocks("sh")).splitlines():
        words, _, into = line.partition(" > ")
        _, *asked = shlex.split(words)
        named = [tmp_path / one if one.endswith(".txt") else one for one in asked]
        done = command(*named, "-w", here)
        assert done.exit_code == 0, (line, done.output)
        if into:
            (tmp_path / into).write_text(done.stdout, "utf-8")
        ran.append(" ".join(asked[:2]))
    assert ran == ["audit", "audit --who", "audit verify", "audit anchor", "audit verify"]
    assert (tmp_path / "elsewhere" / "shrinkwatch.anchors").read_text("ascii").startswith("1 ")
