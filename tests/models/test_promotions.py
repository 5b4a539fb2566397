"""The history of champions: what it says of every moment, and what it notices."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.models import promotions
from shrinkwatch.models.manifest import Seal
from shrinkwatch.models.promotions import Entry, What, champion_at, champions
from shrinkwatch.records.trouble import Refused

SEAL = Seal(b"s" * 32)
START = datetime(2026, 3, 1, tzinfo=UTC)


def entry(number: int, what: What, model_id: str | None) -> Entry:
    at = START + timedelta(hours=number)
    return Entry(number=number, what=what, model_id=model_id, at=at, by="me", why="so", previous="")


def add(folder: Path, what: What, model_id: str | None, hours: int) -> Entry:
    at = START + timedelta(hours=hours)
    told = promotions.read(folder, SEAL)
    return promotions.append(folder, SEAL, told, what, model_id, at=at, by="me", why="so")


def test_replay_knows_the_champion_of_every_moment(tmp_path: Path) -> None:
    for hours, (what, model_id) in enumerate(
        [("promoted", "a"), ("judged", "b"), ("promoted", "b"), ("rolled_back", "a")]
    ):
        add(tmp_path, what, model_id, hours)  # type: ignore[arg-type]
    entries = promotions.read(tmp_path, SEAL).entries
    known = [champion_at(entries, START + timedelta(hours=hours)) for hours in (-1, 0, 1, 2, 3, 99)]
    assert known == [None, "a", "a", "b", "a", "a"]


def test_a_rollback_can_pass_over_several_and_reach_none() -> None:
    told = [entry(n, "promoted", name) for n, name in enumerate("abc", 1)]
    assert champions([*told, entry(4, "rolled_back", "a")]) == ("a",)
    assert champions([*told, entry(4, "rolled_back", None)]) == ()
    twice = [*told, entry(4, "promoted", "a"), entry(5, "rolled_back", "c")]
    assert champions(twice) == ("a", "b", "c")


@given(st.lists(st.sampled_from("abcd")), st.integers(0, 9))
def test_rolling_back_undoes_the_last_promotions_one_by_one(names: list[str], back: int) -> None:
    names = [name for place, name in enumerate(names) if name != names[place - 1] or place == 0]
    told = [entry(number, "promoted", name) for number, name in enumerate(names)]
    for step in range(back):
        left = champions(told)[:-1]
        told.append(entry(len(names) + step, "rolled_back", left[-1] if left else None))
    assert champions(told) == tuple(names[: max(len(names) - back, 0)])


def test_a_clock_that_ran_back_does_not_turn_the_history_round(tmp_path: Path) -> None:
    add(tmp_path, "promoted", "a", 10)
    assert add(tmp_path, "promoted", "b", 2).at == START + timedelta(hours=10)


@pytest.mark.parametrize("harm", ["change", "take_out", "swap", "forge"])
def test_what_was_done_to_the_history_is_noticed(tmp_path: Path, harm: str) -> None:
    for hours, name in enumerate("abc"):
        add(tmp_path, "promoted", name, hours)
    one, two = tmp_path / "000001.json", tmp_path / "000002.json"
    if harm == "change":
        two.write_bytes(two.read_bytes().replace(b'"b"', b'"z"'))
    elif harm == "take_out":
        two.unlink()
    elif harm == "swap":
        first = one.read_bytes()
        one.write_bytes(two.read_bytes())
        two.write_bytes(first)
    else:
        (tmp_path / "000004.json").write_text("{}")
    told = promotions.read(tmp_path, SEAL)
    assert told.trouble is not None
    assert "put the folder" in told.trouble
    assert len(told.entries) == {"change": 1, "take_out": 1, "swap": 0, "forge": 3}[harm]
    with pytest.raises(Refused, match="backup"):
        add(tmp_path, "promoted", "d", 9)


def test_two_at_once_cannot_both_write_the_next_entry(tmp_path: Path) -> None:
    add(tmp_path, "promoted", "a", 0)
    stale = promotions.read(tmp_path, SEAL)
    add(tmp_path, "promoted", "b", 1)
    with pytest.raises(Refused, match="just now"):
        promotions.append(tmp_path, SEAL, stale, "promoted", "c", at=START, by="me", why="so")
    assert champions(promotions.read(tmp_path, SEAL).entries) == ("a", "b")
    assert not list(tmp_path.glob(".*"))


def test_a_write_that_was_killed_leaves_the_history_as_it_was(tmp_path: Path) -> None:
    add(tmp_path, "promoted", "a", 0)
    (tmp_path / ".000002.json.123").write_text('{"entry": {"num')
    assert promotions.read(tmp_path, SEAL).trouble is None
    assert add(tmp_path, "promoted", "b", 1).number == 2
