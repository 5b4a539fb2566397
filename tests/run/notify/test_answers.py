"""An answer given in a Webex room is a label like one that was typed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from tests.adapters.notifiers.test_webex import ACTION, EVENT, signed, webex
from tests.adapters.targets import HOST, Target, serving

from shrinkwatch.records.trouble import Refused, Unreachable
from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.labels import said
from shrinkwatch.run.notify.answers import webex_answer
from shrinkwatch.run.opened import Opened, opened

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RAW = json.dumps(EVENT).encode()


@pytest.fixture
def target() -> Iterator[Target]:
    with serving() as made:
        yield made


@pytest.fixture
def desk(workspace: Path, tmp_path: Path, target: Target) -> Opened:
    """A workspace with a Webex channel, and a Webex in which somebody pressed "Theft"."""
    mine = Path(copytree(workspace, tmp_path / "mine"))
    url = mine / "keys" / "room.url"
    url.write_text(f"webex://Room1?secret=hush&api={target.address}/v1#token\n")
    url.chmod(0o600)
    settings = mine / "shrinkwatch.toml"
    text = settings.read_text("utf-8").replace("[messages]\n", "")
    channel = '[[notify]]\nname = "room"\nurl_file = "keys/room.url"\n'
    settings.write_text(f'{text}\n[messages]\nallow_hosts = ["{HOST}"]\n\n{channel}', "utf-8")
    made = opened(mine)
    press(target, made, "theft")
    return made


def press(target: Target, desk: Opened, answer: str) -> str:
    """Have this pressed on the card of the first alert; returns its id."""
    id_ = desk.alerts.all()[0].alert_id
    target.answer = webex(ACTION | {"inputs": {"alert_id": id_, "answer": answer}})
    return id_


def answer(desk: Opened) -> Any:
    return webex_answer(desk, "room", signed(RAW), RAW, lambda: NOW)


def test_a_button_becomes_a_label_of_the_person_who_pressed_it(desk: Opened) -> None:
    id_ = desk.alerts.all()[0].alert_id
    answered = answer(desk)
    assert (answered.pressed.alert_id, answered.why_not) == (id_, None)
    told = said(desk, NOW)
    assert told.outcomes == {id_: "theft"}
    (label,) = desk.journal.tables()["labels"].iter_rows(named=True)
    assert (label["by"], label["at"]) == ("kim@example.com", datetime(2026, 3, 2, 10, tzinfo=UTC))


def test_the_same_call_again_changes_nothing(desk: Opened) -> None:
    answer(desk)
    rows = len(list(audit_log(desk.workspace).rows()))
    answer(desk)
    assert desk.journal.tables()["labels"].height == 1
    assert len(list(audit_log(desk.workspace).rows())) == rows


def test_looking_later_leaves_the_alert_waiting(desk: Opened, target: Target) -> None:
    press(target, desk, "unknown")
    answer(desk)
    assert said(desk, NOW).outcomes == {}


def test_nobody_answers_for_himself_in_a_room_either(desk: Opened) -> None:
    about = desk.alerts.all()[0].subject
    with (desk.folder / "shrinkwatch.toml").open("a") as settings:
        settings.write(
            f'\n[[labeller]]\nname = "Kim@example.com"\nstore_id = "{about.store_id}"\n'
            f'operator_id = "{about.id}"\n'
        )
    again = opened(desk.folder)
    assert answer(again).why_not == "it is about this person"
    assert said(again, NOW).outcomes == {}


def test_the_audit_log_tells_who_answered_without_his_name(desk: Opened) -> None:
    answer(desk)
    log = audit_log(desk.workspace)
    (row,) = log.rows(last=1)
    assert (row.what, row.who) == ("label_given", log.seal.pseudonym("kim@example.com"))
    assert "kim" not in row.detail


def test_a_forged_call_records_nothing(desk: Opened) -> None:
    with pytest.raises(Refused, match="signature"):
        webex_answer(desk, "room", signed(RAW, b"guess"), RAW, lambda: NOW)
    assert desk.journal.tables()["labels"].is_empty()


def test_an_alert_that_is_not_ours_is_refused(desk: Opened, target: Target) -> None:
    target.answer = webex(ACTION | {"inputs": {"alert_id": "ffffffff", "answer": "theft"}})
    with pytest.raises(Refused, match="no alert's id begins"):
        answer(desk)


def test_webex_out_of_reach_is_asked_again_later(desk: Opened, target: Target) -> None:
    target.answer = lambda _: (503, {}, b"")
    with pytest.raises(Unreachable):
        answer(desk)
    assert desk.journal.tables()["labels"].is_empty()


def test_a_channel_that_is_none_of_webex_is_refused(desk: Opened) -> None:
    with pytest.raises(Refused, match="no Webex channel is called hall"):
        webex_answer(desk, "hall", signed(RAW), RAW, lambda: NOW)
