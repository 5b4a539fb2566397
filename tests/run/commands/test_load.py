"""`load`: what became of the files, and what the feed can show."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

OUTCOMES = ("accepted", "duplicate", "revised", "conflicting")

Command = Callable[..., Any]


def test_loading_twice_accepts_nothing_new(command: Command, workspace: Path, feed: Path) -> None:
    files = (feed / "transactions.ndjson.zst", feed / "stores.csv")
    document = json.loads(command("load", *files, "--json", "--workspace", workspace).stdout)
    told = document["load"]
    assert (told["accepted"], told["revised"], told["conflicting"]) == (0, 0, 0)
    assert told["duplicate"] > 0
    assert told["tables"]["stores.csv"]["changed"] == 0


def test_the_tables_say_counts_and_what_can_be_seen(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    sale = {"source": "pos", "store_id": "1", "type": "sale", "currency": "GBP", "net": "3.00"}
    times = {"ended_at": "2026-03-02T10:00:00Z", "transaction_id": "7"}
    lines = [json.dumps(sale | times), json.dumps(sale | times), "{broken", json.dumps(sale)]
    (tmp_path / "feed.ndjson").write_text("\n".join(lines))
    shown = command("load", tmp_path / "feed.ndjson", "--workspace", tmp_path).stdout
    for count, word in (("1", "accepted"), ("1", "duplicate"), ("2", "rejected")):
        assert f"{count}   {word}" in shown
    assert "What pos can and cannot show" in shown
    assert "no scheme of any operator can be seen" in shown
    assert "shrinkwatch score" in shown


def test_a_file_that_nobody_can_read_stops_with_advice(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    (tmp_path / "strange.bin").write_bytes(b"\x00\x01\x02" * 50)
    result = command("load", tmp_path / "strange.bin", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert "strange.bin" in result.stderr


def test_a_missing_file_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    assert command("load", tmp_path / "nowhere.ndjson").exit_code == 2


def test_a_file_of_which_nothing_is_taken_fails_and_says_what_to_do(
    command: Command, tmp_path: Path
) -> None:
    command("init", tmp_path)
    (tmp_path / "lost.ndjson").write_text('{"source": "pos"}\n{broken\n')
    result = command("load", tmp_path / "lost.ndjson", "--workspace", tmp_path)
    assert result.exit_code == 1
    assert "nothing of lost.ndjson was taken: all 2 of its records were rejected" in result.stderr
    assert "load the file again" in result.stderr
    again = command("load", tmp_path / "lost.ndjson", "--json", "--workspace", tmp_path)
    assert again.exit_code == 1
    assert json.loads(again.stdout)["load"]["failed"] == {"lost.ndjson": 2}
