"""docs/guide/sources.md, followed by the letter."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.run.test_load import a_record

from shrinkwatch.run import settings

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "sources.md"


def test_the_guide_does_what_it_says(command: Callable[..., Any], tmp_path: Path) -> None:
    block, _ = re.findall(r"```sh\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    assert command("init", tmp_path / "here").exit_code == 0
    (inbox / "tills.ndjson").write_text(json.dumps(a_record(1)) + "\n")
    (inbox / "tills.part").write_text("half")
    _, *words = shlex.split(block.strip())
    named = [inbox if one == "inbox" else one for one in words]
    done = command(*named, "-w", tmp_path / "here")
    assert done.exit_code == 0, done.output
    assert "tills.ndjson: loaded, 1 new transactions" in done.stdout
    assert sorted(path.name for path in inbox.iterdir()) == ["done", "tills.part"]


def test_the_hooks_of_the_guide_are_understood() -> None:
    (toml,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)
    hooks = settings.parse(toml).hook
    assert [one.vendor for one in hooks] == ["square", "shopify", "stripe"]
