"""Check: each thing that can be wrong is said with what to do."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.models.manifest import DataWindow
from shrinkwatch.run.check import Answer, check
from shrinkwatch.run.settings import FILE_NAME
from shrinkwatch.run.workspace import Workspace

Command = Callable[..., Any]


def sale(day: int, **more: object) -> str:
    facts = {"source": "pos", "store_id": "S1", "type": "sale", "currency": "GBP", "net": "3.00"}
    when = {"transaction_id": str(day), "ended_at": f"2026-03-{day:02d}T10:00:00Z"}
    return json.dumps({**facts, **when, **more})


@pytest.fixture
def loaded(command: Command, tmp_path: Path) -> Callable[..., list[Answer]]:
    """Loads these records into a new workspace and checks it."""

    def load(*lines: str, **tables: str) -> list[Answer]:
        command("init", tmp_path)
        (tmp_path / "feed.ndjson").write_text("\n".join(lines))
        files = [tmp_path / "feed.ndjson"]
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text)
            files.append(tmp_path / f"{name}.csv")
        done = command("load", *files, "--workspace", tmp_path)
        assert done.exit_code == 0, done.output
        return list(check(tmp_path, lambda: date(2026, 5, 1)).answers)

    return load


def wrong(answers: list[Answer]) -> list[str]:
    return [answer.says for answer in answers if answer.level == "wrong"]


def test_a_silent_day_is_wrong(loaded: Callable[..., list[Answer]]) -> None:
    days = [day for day in range(1, 29) if day != 17]  # three of four Tuesdays: not usual enough
    assert wrong(loaded(*map(sale, days))) == []


def test_a_silent_day_of_a_store_that_always_trades_is_named(
    loaded: Callable[..., list[Answer]],
) -> None:
    days = [f"2026-0{3 + day // 31}-{day % 31 + 1:02d}T10:00:00Z" for day in range(42) if day != 16]
    lines = [sale(1, transaction_id=at, ended_at=at) for at in days]
    (said,) = wrong(loaded(*lines))
    assert said == "pos: stores that usually trade sent nothing: S1 on 2026-03-17"


def test_a_reject_is_shown_with_its_sentence(loaded: Callable[..., list[Answer]]) -> None:
    answers = loaded(sale(1), "{broken")
    (said,) = wrong(answers)
    assert said.startswith("1 record (bad_json), for example: ")


def test_a_reject_that_was_accepted_since_is_not_wrong(
    loaded: Callable[..., list[Answer]], command: Command, tmp_path: Path
) -> None:
    loaded(sale(1), sale(2, net="two"), sale(3, net="three"))
    (tmp_path / "mended.ndjson").write_text(sale(2))
    command("load", tmp_path / "mended.ndjson", "--workspace", tmp_path)
    told = {answer.says.split(",")[0]: answer.level for answer in check(tmp_path).answers}
    assert told["1 record (impossible_value)"] == "wrong"
    assert told["1 record that was rejected has been accepted since"] == "fine"


def test_broken_sums_are_wrong_when_they_are_many(loaded: Callable[..., list[Answer]]) -> None:
    line = {"line": 1, "kind": "item", "sku": "A", "quantity": 1, "list_price": 2, "extended": 2}
    assert wrong(loaded(sale(1, lines=[line]), sale(2))) == [
        "pos: in 1 receipt net is not the sum of its lines and price changes, at S1 on 2026-03-01"
    ]


def test_what_contradicts_without_a_revision_is_counted(
    loaded: Callable[..., list[Answer]],
) -> None:
    (answer,) = [one for one in loaded(sale(1), sale(1, net="4.00")) if one.about == "loads"]
    assert answer.level == "wrong"
    assert answer.says.startswith("1 of 2 records said otherwise of a transaction that was known")


def test_a_feed_is_summed_up_and_its_oddities_are_answers(
    loaded: Callable[..., list[Answer]],
) -> None:
    numbers = [
        {"transaction_id": str(number), "register_id": "1", "sequence": number}
        for number in (1, 2, 9)
    ]
    said = [answer.says for answer in loaded(*(sale(1, **one) for one in numbers))]
    assert any(one.startswith("pos: of 41 schemes ") for one in said)
    assert any(one.startswith("pos: 6 of 9 receipt numbers are missing") for one in said)


def test_stores_that_the_table_lacks_are_named(loaded: Callable[..., list[Answer]]) -> None:
    stores = "store_id,time_zone\nS9,Europe/London\n"
    assert "stores that send receipts are not in it: S1" in wrong(loaded(sale(1), stores=stores))


def test_a_mute_that_is_over_is_noted(command: Command, tmp_path: Path) -> None:
    command("init", tmp_path)
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('[[mute]]\nsku = "1"\nuntil = 2026-03-01\nbecause = "recall"\n')
    said = [answer.says for answer in check(tmp_path, lambda: date(2026, 3, 2)).answers]
    assert "1 of 1 mutes are over" in said
    said = [answer.says for answer in check(tmp_path, lambda: date(2026, 3, 1)).answers]
    assert "1 of 1 mutes are over" not in said


def test_a_key_that_others_can_read_is_wrong(
    loaded: Callable[..., list[Answer]], tmp_path: Path
) -> None:
    loaded(sale(1))
    (tmp_path / "keys" / "token.key").chmod(0o644)
    (answer,) = [answer for answer in check(tmp_path).answers if answer.about == "token key"]
    assert (answer.level, answer.do[:9]) == ("wrong", "chmod 600")


def test_a_folder_that_is_no_workspace_is_all_that_is_said(tmp_path: Path) -> None:
    checked = check(tmp_path / "nowhere")
    assert "no workspace" in checked.answers[-1].says
    assert checked.feeds is None


def test_a_champion_that_was_changed_is_wrong_and_the_one_before_is_named(
    command: Command, tmp_path: Path
) -> None:
    command("init", tmp_path)

    def said() -> list[tuple[str, str]]:
        found = check(tmp_path, lambda: date(2026, 5, 1)).answers
        return [(one.level, one.says) for one in found if one.about == "models"]

    assert said() == [("note", "no learned model is champion; rules and peers judge")]
    models = Workspace.open(tmp_path).models
    at = datetime(2026, 4, 1, tzinfo=UTC)
    window = DataWindow(date(2026, 1, 1), date(2026, 2, 1), 40)
    first, second = (
        models.add({"model.txt": text}, columns=("a",), data=window, code="1", made_at=at,
                   metrics={}).model_id
        for text in (b"1", b"2")
    )  # fmt: skip
    for model_id in (first, second):
        models.promote(model_id, at=at, by="me", why="a test", anyway=True)
    assert said() == [("fine", f"{second} verifies; learned until 2026-02-01")]
    (tmp_path / "models" / second / "model.txt").write_bytes(b"3")
    levels = said()
    assert [level for level, _ in levels] == ["wrong", "fine"]
    assert "its part model.txt was changed" in levels[0][1]
    assert first in levels[1][1]
    (tmp_path / "models" / first / "model.txt").unlink()
    assert said() == [("wrong", f"champion {second} does not verify, and none before it does")]
