"""docs/guide/notify.md, followed by the letter, with a server on this machine for theirs."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from tests.adapters.targets import HOST, Target, serving

from shrinkwatch.run import settings
from shrinkwatch.run.opened import opened
from shrinkwatch.run.score import score

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "notify.md"


@pytest.fixture
def target() -> Iterator[Target]:
    with serving() as made:
        yield made


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)


def test_the_guide_does_what_it_says(
    command: Callable[..., Any], workspace: Path, tmp_path: Path, target: Target
) -> None:
    here = tmp_path / "my-chain"
    setup, sending = (block.splitlines() for block in blocks("sh"))
    for line in setup:
        words = shlex.split(line)
        if words[0] == "shrinkwatch":
            copytree(workspace, here)  # a chain that was loaded, but never scored
        elif words[0] != "cd":
            own = line.replace("https://hooks.example.com", target.address)
            subprocess.run(own, shell=True, cwd=here, check=True)
    (toml,) = blocks("toml")
    kept = (here / settings.FILE_NAME).read_text("utf-8").replace("[messages]\n", "")
    inside = toml.replace("[messages]\n", f'[messages]\nallow_hosts = ["{HOST}"]\n')
    (here / settings.FILE_NAME).write_text(f"{kept}\n{inside}", "utf-8")
    found = told_anew(here)
    said = []
    for line in sending:
        _, *words = shlex.split(line)
        done = command(*words, "-w", here)
        assert done.exit_code == 0, (line, done.output)
        said.append(done.stdout)
    assert "lp-desk" in said[0]
    assert f"lp-desk: {found} sent" in said[1]
    bodies = [json.loads(one.body) for one in target.asked]
    desk = [one for one in bodies if one["id"].startswith("lp-desk/")]
    assert len(desk) == found
    assert desk[0]["alerts"][0]["link"].startswith("https://lp.example.com/leads/")
    assert not any(one["alerts"][0]["reasons"] for one in bodies if one not in desk)


def told_anew(here: Path) -> int:
    """Score the workspace as if its last day were today; returns how many alerts are new."""
    desk = opened(here)
    last = max(one.opened_at for one in desk.alerts.all())
    desk.workspace.alerts.replace([])
    score(desk.workspace, since=desk.journal.days()[0], clock=lambda: last + timedelta(hours=1))
    return sum(
        last - one.opened_at < timedelta(days=7) and one.chosen_by == "score"
        for one in desk.alerts.all()
    )
