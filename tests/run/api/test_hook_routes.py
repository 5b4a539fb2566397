"""Vendors call the server, and what they tell is in the journal when they are answered."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.notifiers.test_webex import ACTION, EVENT, webex
from tests.adapters.notifiers.test_webex import signed as webex_signed
from tests.adapters.sources.calls import (
    SECRET,
    SHOPIFY_ORDER,
    SHOPIFY_REFUND,
    raw,
    signed,
    square,
)
from tests.adapters.targets import HOST, serving
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.run import settings

from .conftest import Door, open_door

HOOKS = """
[[hook]]
name = "square"
vendor = "square"
secrets_file = "keys/vendor.secret"
url = "https://lp.example.com/hooks/square"

[[hook]]
name = "web"
vendor = "shopify"
secrets_file = "keys/vendor.secret"
source = "shopify"

[[hook]]
name = "one-store"
vendor = "shopify"
secrets_file = "keys/vendor.secret"
stores = ["another"]

[[hook]]
name = "not-set-up"
vendor = "stripe"
secrets_file = "keys/there-is-none"
"""


def secret(folder: Path, name: str, text: str) -> None:
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / name).write_text(text)
    (folder / "keys" / name).chmod(0o600)


@pytest.fixture
def door(folder: Path) -> Iterator[Door]:
    secret(folder, "vendor.secret", SECRET)
    with (folder / settings.FILE_NAME).open("a") as file:
        file.write(HOOKS)
    yield from open_door(folder)


def call(door: Door, name: str, vendor: str, document: Any, secret: str = SECRET) -> Any:
    body = raw(document)
    headers = signed(vendor, body, secret)
    return door.client.post(f"/hooks/{name}", content=body, headers=headers)


def kept(door: Door) -> list[dict[str, Any]]:
    journal = door.workspace.journal
    days = [journal.arrivals(day).transactions for day in journal.days()]
    return [row for frame in days for row in frame.iter_rows(named=True)]


def test_a_payment_is_a_receipt_once_however_often_it_is_told(door: Door) -> None:
    said = call(door, "square", "square", square("payment"))
    assert said.status_code == 202
    assert [one["outcome"] for one in said.json()["records"]] == ["accepted"]
    again = call(door, "square", "square", square("payment"))
    assert [one["outcome"] for one in again.json()["records"]] == ["duplicate"]
    (row,) = kept(door)
    assert (row["source"], row["store_id"], row["net_minor"]) == ("square", "L1", 1250)
    assert row["arrived_at"] == door.watch.now


def test_an_older_word_that_comes_late_changes_nothing(door: Door) -> None:
    later = {"status": "FAILED", "updated_at": "2026-03-02T11:59:00Z"}
    call(door, "square", "square", square("payment", **later))
    said = call(door, "square", "square", square("payment"))
    assert said.json()["records"][0]["outcome"] == "revised"
    assert [row["status"] for row in kept(door)] == ["cancelled"]


@pytest.mark.parametrize("document", [SHOPIFY_ORDER, SHOPIFY_REFUND])
def test_no_sum_of_an_order_or_a_refund_is_broken(door: Door, document: dict[str, Any]) -> None:
    said = call(door, "web", "shopify", document)
    assert [one["outcome"] for one in said.json()["records"]] == ["accepted"]
    (row,) = kept(door)
    assert (row["source"], row["findings"]) == ("shopify", 0)


def test_a_disputed_payment_is_a_label_on_its_receipt(door: Door) -> None:
    waiting = call(door, "square", "square", square("dispute"))
    assert waiting.status_code == 503
    assert "retry-after" in waiting.headers
    call(door, "square", "square", square("payment"))
    assert call(door, "square", "square", square("dispute")).json()["labels"] == 1
    assert call(door, "square", "square", square("dispute")).json()["labels"] == 0
    (label,) = door.workspace.journal.tables()["labels"].iter_rows(named=True)
    assert (label["transaction_id"], label["outcome"]) == ("pay1", "theft")


def test_a_call_that_the_vendor_did_not_sign_is_turned_away(door: Door) -> None:
    said = call(door, "square", "square", square("payment"), "guess")
    assert (said.status_code, said.json()["type"]) == (401, "urn:shrinkwatch:not-signed")
    assert kept(door) == []


@pytest.mark.parametrize(
    ("name", "status"), [("nobody", 404), ("not-set-up", 503), ("one-store", 403)]
)
def test_a_hook_that_is_not_there_not_set_up_or_of_another_store(
    door: Door, name: str, status: int
) -> None:
    said = call(door, name, "shopify", SHOPIFY_ORDER)
    assert said.status_code == status
    assert "keys/" not in said.text
    assert kept(door) == []


def test_what_cannot_be_understood_is_said_to_be_so(door: Door) -> None:
    assert call(door, "web", "shopify", ["no", "order"]).status_code == 422
    assert door.client.get("/hooks/web").status_code == 405
    much = door.client.post("/hooks/web", content=bytes(3 << 20))
    assert much.status_code == 413


def test_a_button_in_a_webex_room_is_an_answer(folder: Path) -> None:
    with serving() as target:
        target.answer = webex(ACTION | {"inputs": {"alert_id": ALERT.alert_id, "answer": "theft"}})
        secret(folder, "room.url", f"webex://Room1?secret=hush&api={target.address}/v1#token")
        text = (folder / settings.FILE_NAME).read_text("utf-8").replace("[messages]\n", "")
        channel = '[[notify]]\nname = "room"\nurl_file = "keys/room.url"\n'
        allowed = f'[messages]\nallow_hosts = ["{HOST}"]\n'
        (folder / settings.FILE_NAME).write_text(f"{text}\n{allowed}\n{channel}", "utf-8")
        for door in open_door(folder):
            door.workspace.alerts.put([ALERT])
            body = json.dumps(EVENT).encode()
            said = door.client.post("/hooks/room", content=body, headers=webex_signed(body))
            assert (said.status_code, said.json()["labels"]) == (202, 1)
            (label,) = door.workspace.journal.tables()["labels"].iter_rows(named=True)
            assert (label["alert_id"], label["by"]) == (ALERT.alert_id, "kim@example.com")
            forged = door.client.post("/hooks/room", content=body, headers={})
            assert forged.status_code == 401
