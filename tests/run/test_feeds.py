"""The feeds of a workspace: its rules, its tables and its loads together."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.run.feeds import Feeds, feeds
from shrinkwatch.run.opened import opened
from shrinkwatch.run.settings import FILE_NAME

Command = Callable[..., Any]


def sale(number: int, **more: object) -> str:
    facts = {"source": "pos", "store_id": "S1", "type": "sale", "currency": "GBP", "net": "3.00"}
    when = {"transaction_id": str(number), "ended_at": "2026-03-02T10:00:00Z"}
    return json.dumps({**facts, **when, **more})


@pytest.fixture
def look(command: Command, tmp_path: Path) -> Callable[..., Feeds]:
    """Loads one file after the other into a workspace and looks at its feeds."""

    def load(*files: list[str]) -> Feeds:
        command("init", tmp_path)
        for place, lines in enumerate(files):
            (tmp_path / f"{place}.ndjson").write_text("\n".join(lines))
            command("load", tmp_path / f"{place}.ndjson", "--workspace", tmp_path)
        return feeds(opened(tmp_path), date(2026, 4, 1))

    return load


def test_every_load_is_remembered_with_what_became_of_it(look: Callable[..., Feeds]) -> None:
    seen = look([sale(1), sale(2)], [sale(1), sale(2, net="4.00"), sale(3), "{broken"])
    first, second = seen.loads
    assert (first.files, first.accepted, first.duplicate, first.read) == (("0.ndjson",), 2, 0, 2)
    assert (second.accepted, second.duplicate, second.conflicting) == (1, 1, 1)
    assert (second.rejected, second.read) == ({"bad_json": 1}, 4)
    assert first.at <= second.at


def test_a_load_of_tables_alone_is_no_load_of_a_feed(
    look: Callable[..., Feeds], command: Command, tmp_path: Path
) -> None:
    look()
    (tmp_path / "stores.csv").write_text("store_id,time_zone\n1,Europe/London\n")
    command("load", tmp_path / "stores.csv", "--workspace", tmp_path)
    assert feeds(opened(tmp_path), date(2026, 4, 1)) == look()
    assert look().loads == ()


def test_settings_that_name_no_rule_leave_the_feeds_to_be_seen(
    look: Callable[..., Feeds], tmp_path: Path
) -> None:
    look([sale(1)])
    path = tmp_path / FILE_NAME
    path.write_text(path.read_text().replace("[rules]", '[rules]\non = ["nothing_like_it"]', 1))
    (source,) = feeds(opened(tmp_path), date(2026, 4, 1)).sources
    assert source.transactions == 1
    assert not any(one.watched for one in source.schemes)
