"""`check`: what is wrong, and what to do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shrinkwatch.run.settings import FILE_NAME

Command = Callable[..., Any]


def test_a_healthy_workspace_has_nothing_wrong(command: Command, workspace: Path) -> None:
    result = command("check", "--json", "--workspace", workspace)
    told = json.loads(result.stdout)
    assert [answer for answer in told["answers"] if answer["level"] == "wrong"] == []
    assert (told["wrong"], result.exit_code) == (0, 0)


def test_what_is_wrong_comes_with_what_to_do(command: Command, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[alerts]\nper_store_weak = 3\n")
    result = command("check", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert "did you mean" in result.stdout
    assert FILE_NAME in command("check", "--workspace", tmp_path, "--json").stdout


def test_an_empty_workspace_is_told_to_load(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    told = json.loads(command("check", "--json", "--workspace", tmp_path).stdout)
    assert {"no transactions"} <= {answer["says"] for answer in told["answers"]}
    assert "shrinkwatch load FILE" in {answer["do"] for answer in told["answers"]}


def test_every_rejected_record_is_listed_with_its_place_and_bytes(
    command: Command, tmp_path: Path
) -> None:
    command("init", tmp_path)
    (tmp_path / "feed.ndjson").write_text('{"source": "pos"}\n{broken\n')
    loaded = command("load", tmp_path / "feed.ndjson", "--workspace", tmp_path)
    assert "shrinkwatch check --rejects" in loaded.stdout
    listed = command("check", "--rejects", "--json", "--workspace", tmp_path)
    last, first = json.loads(listed.stdout)["rejects"]
    assert (first["file"], first["place"], first["raw"]) == ("feed.ndjson", 1, '{"source": "pos"}')
    assert (last["reason"], last["place"], last["raw"]) == ("bad_json", 2, "{broken")
    shown = command("check", "--rejects", "--workspace", tmp_path).stdout
    assert "bad_json feed.ndjson, record 2: " in shown
    assert "{broken" in shown


def test_a_reject_that_was_accepted_since_is_counted_and_not_listed(
    command: Command, tmp_path: Path
) -> None:
    command("init", tmp_path)
    sale = {"source": "pos", "store_id": "1", "type": "sale", "currency": "GBP", "net": "3.00"}
    naive = json.dumps(sale | {"ended_at": "2026-03-02T10:00:00", "transaction_id": "7"})
    (tmp_path / "feed.ndjson").write_text(naive)
    command("load", tmp_path / "feed.ndjson", "--workspace", tmp_path)
    (tmp_path / "stores.csv").write_text("store_id,time_zone\n1,Europe/London\n")
    command("load", tmp_path / "stores.csv", tmp_path / "feed.ndjson", "--workspace", tmp_path)
    shown = command("check", "--rejects", "--workspace", tmp_path).stdout
    assert shown == "1 record was rejected and accepted since: nothing is left to do there.\n"
    listed = command("check", "--rejects", "--json", "--workspace", tmp_path)
    (kept,) = json.loads(listed.stdout)["rejects"]
    assert (kept["settled"], kept["place"], kept["raw"]) == (True, 1, naive)


def test_where_nothing_was_rejected_it_says_so(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    result = command("check", "--rejects", "--workspace", tmp_path)
    assert (result.stdout, result.exit_code) == ("No record was ever rejected.\n", 0)


def test_what_each_feed_can_show_is_listed_with_its_weeks_and_loads(
    command: Command, workspace: Path
) -> None:
    result = command("check", "--feeds", "--workspace", workspace)
    assert result.exit_code == 0
    for words in (
        "Drawer over or short",
        "No rule hunts it yet",
        "week of",
        "operator_id",
        "Loads",
    ):
        assert words in result.stdout
    told = json.loads(command("check", "--feeds", "--json", "--workspace", workspace).stdout)
    (source,) = told["feeds"]["sources"]
    assert len(source["schemes"]) == 41
    assert sum(week["receipts"] for week in source["weeks"]) == source["transactions"]
    assert [load["conflicting"] for load in told["feeds"]["loads"]] == [0]


def test_without_a_feed_the_list_says_so(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    result = command("check", "--feeds", "--workspace", tmp_path)
    assert result.stdout == "No transactions were ever loaded.\n"
