"""`score`: again and again with the same result."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_scoring_again_changes_nothing(command: Command, workspace: Path) -> None:
    before = command("alerts", "--json", "--workspace", workspace).stdout
    told = json.loads(command("score", "--json", "--workspace", workspace).stdout)
    assert told["new"] == 0
    assert told["transactions"] > 1000
    assert command("alerts", "--json", "--workspace", workspace).stdout == before
