"""The pages: behind a login, without scripts, and honest where there is nothing to show."""

import re
from typing import Any

import pytest

from shrinkwatch.adapters.stores.doors import StoredPeople

from .conftest import PASSWORD, a_sale
from .test_access import LEADS


@pytest.fixture
def leads(door: Any) -> Any:
    door.workspace.alerts.put(list(LEADS.values()))
    return door


def page(door: Any, path: str, headers: dict[str, str]) -> Any:
    said = door.client.get(path, headers={"cookie": headers["cookie"]}, follow_redirects=False)
    assert said.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in said.headers["content-security-policy"]
    assert "<script" not in said.text
    assert " style=" not in said.text, "the policy would not let it through"
    assert " on" not in " ".join(re.findall(r"<[a-z]+ [^>]*>", said.text))
    return said


def test_one_logs_in_on_a_form_sees_the_leads_and_logs_out(leads):
    leads.log_in("analyst")
    name = "analyst chain"
    form = {"name": name, "password": PASSWORD}
    entered = leads.client.post("/desk/enter", data=form, follow_redirects=False)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-shrinkwatch=")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie
    leads.client.cookies.clear()
    mine = {"cookie": cookie.split(";")[0]}
    queue = page(leads, "/", mine)
    assert queue.text.count('href="/leads/') == 3
    (token,) = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', queue.text)
    forged = leads.client.post("/desk/leave", data={"csrf_token": "0" * 64}, headers=mine)
    assert forged.status_code == 403
    left = leads.client.post(
        "/desk/leave", data={"csrf_token": token}, headers=mine, follow_redirects=False
    )
    assert left.status_code == 303
    assert leads.client.get("/", headers=mine, follow_redirects=False).status_code == 303


def test_a_wrong_password_says_so_and_nothing_more(leads):
    leads.log_in("analyst")
    told = [
        leads.client.post("/desk/enter", data={"name": name, "password": "not this one"})
        for name in ("analyst chain", "nobody at all")
    ]
    assert [one.status_code for one in told] == [401, 401]
    assert told[0].text == told[1].text


def test_too_many_tries_are_sent_away(leads):
    form = {"name": "analyst chain", "password": "not this one"}
    tries = [leads.client.post("/desk/enter", data=form).status_code for _ in range(6)]
    assert (tries[0], tries[-1]) == (401, 429)


def test_a_packet_shows_reasons_and_its_receipts(leads):
    key = leads.key("S1")
    receipt = a_sale(1, transaction_id="T-S1", operator_id="person101")
    assert leads.send(key, receipt).status_code == 202
    said = page(leads, f"/leads/{LEADS['S1',].alert_id}", leads.log_in("manager", "S1"))
    assert "Secret of S1." in said.text
    assert "S1/T-S1" in said.text
    assert "person101" not in said.text, "a receipt, too, shows a pseudonym"


def test_what_is_not_yours_is_not_here(leads):
    said = page(leads, f"/leads/{LEADS['S2',].alert_id}", leads.log_in("manager", "S1"))
    assert said.status_code == 404
    assert "There is no such alert" in said.text or "there is no such alert" in said.text


def test_nothing_to_show_is_said(door):
    headers = door.log_in("analyst", "S9")
    assert "No transactions came in yet" in page(door, "/", headers).text
    door.send(door.key("S1"), a_sale(1))
    assert "quiet weeks stay quiet" in page(door, "/", headers).text
    door.workspace.alerts.put(list(LEADS.values()))
    assert "no leads of your stores" in page(door, "/", headers).text


def test_the_tab_has_the_mark_of_the_house(door):
    assert "/desk/icon.svg" in door.client.get("/login").text
    said = door.client.get("/desk/icon.svg")
    assert said.headers["content-type"].startswith("image/svg+xml")
    assert said.text.startswith("<svg")


def test_the_style_is_ours_and_fetches_nothing(door):
    said = door.client.get("/desk/desk.css")
    assert said.headers["content-type"].startswith("text/css")
    assert "url(" not in said.text
    assert "@import" not in said.text


def test_what_a_till_wrote_is_text(leads):
    evil = '<img src=x onerror=alert(1)>"><script>alert(2)</script>'
    receipt = a_sale(1, transaction_id="T-S1")
    receipt["lines"][0]["description"] = evil
    leads.send(leads.key("S1"), receipt)
    said = page(leads, f"/leads/{LEADS['S1',].alert_id}", leads.log_in("manager", "S1"))
    assert "&lt;img src=x" in said.text


def test_who_is_locked_out_is_out_at_once(leads):
    headers = leads.log_in("investigator")
    assert leads.client.get("/v1/session", headers=headers).status_code == 200
    StoredPeople(leads.workspace.database).revoke("investigator chain", leads.watch.now)
    assert leads.client.get("/v1/session", headers=headers).status_code == 401


def test_a_session_ends_after_a_working_day(leads):
    headers = leads.log_in("investigator")
    leads.watch.turn(hours=9)
    assert leads.client.get("/v1/session", headers=headers).status_code == 200
    leads.watch.turn(hours=2)
    assert leads.client.get("/v1/session", headers=headers).status_code == 401


def test_an_answer_becomes_a_label_and_closes_the_alert(leads):
    headers = leads.log_in("investigator")
    path = f"/v1/alerts/{LEADS['S1',].alert_id}"
    wrong = leads.client.post(f"{path}/label", json={"outcome": "gossip"}, headers=headers)
    assert (wrong.status_code, wrong.headers["content-type"]) == (422, "application/problem+json")
    answer = {"outcome": "theft", "loss": "120.50"}
    assert leads.client.post(f"{path}/label", json=answer, headers=headers).status_code == 201
    (row,) = leads.workspace.journal.tables()["labels"].to_dicts()
    assert (row["by"], row["outcome"], row["loss_minor"]) == ("investigator chain", "theft", 12_050)
    leads.watch.turn(minutes=1)
    assert leads.client.get(path, headers=headers).json()["alert_id"]


def test_metrics_count_without_naming_anybody(door):
    key = door.key("S-secret")
    door.send(key, [a_sale(1, store="S-secret"), a_sale(2, store="S-secret", net="NaN")])
    told = door.client.get("/metrics").text
    assert 'shrinkwatch_requests_total{route="transactions",status="202"} 1' in told
    assert 'shrinkwatch_records_total{kind="transactions",outcome="accepted"} 1' in told
    assert 'shrinkwatch_records_total{kind="transactions",outcome="rejected"} 1' in told
    assert "secret" not in told
    assert key.key_id not in told
