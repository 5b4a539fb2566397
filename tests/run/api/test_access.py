"""Who sees what: every route × role × own or other store × object, from the app's own routes.

A route that is added and not written down here fails; an object that shows where it may not fails
wherever it shows.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from litestar.routes import ASGIRoute, HTTPRoute

from shrinkwatch.records.access import ROLES, SENDS
from shrinkwatch.records.alert import (
    Alert,
    NaturalKey,
    Reason,
    Related,
    SchemeProbability,
    Subject,
    Versions,
    Window,
    alert_id,
)
from shrinkwatch.run import settings
from shrinkwatch.run.audit import audit_log

from .conftest import open_door

THEN = datetime(2026, 3, 1, 9, tzinfo=UTC)
SCOPES: tuple[tuple[str, ...], ...] = (("S1",), ("S2",), ("S1", "S2"), ())
LOOKS = {"analyst", "manager", "investigator"}
ANSWERS = {"manager", "investigator"}
EVERYBODY = set(ROLES)

ROUTES: dict[tuple[str, str], set[str] | None] = {
    ("GET", "/"): LOOKS,
    ("GET", "/leads/{alert_id:str}"): LOOKS,
    ("GET", "/v1/alerts"): LOOKS,
    ("GET", "/v1/alerts/{alert_id:str}"): LOOKS,
    ("POST", "/v1/alerts/{alert_id:str}/label"): ANSWERS,
    ("GET", "/v1/keys"): {"admin"},
    ("GET", "/v1/users"): {"admin"},
    ("GET", "/v1/session"): EVERYBODY,
    ("DELETE", "/v1/session"): EVERYBODY,
    # open to everybody
    ("POST", "/v1/session"): None,
    ("GET", "/login"): None,
    ("GET", "/desk/desk.css"): None,
    ("GET", "/desk/icon.svg"): None,
    ("POST", "/desk/enter"): None,
    ("POST", "/hooks/{name:str}"): None,  # for vendors, who sign what they say
    ("POST", "/desk/leave"): None,
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/metrics"): None,
    ("GET", "/schema"): None,
    ("GET", "/schema/openapi.json"): None,
    ("GET", "/schema/{path:str}"): None,  # the framework's own "there is nothing here"
}
SIGNED = {f"/v1/{kind}" for kind in SENDS}


def lead(subject: Subject, *stores: str) -> Alert:
    """An alert whose every word that nobody else may see says so."""
    mark = "-".join(stores)
    return Alert(
        alert_id=alert_id(subject, THEN.date()),
        opened_at=THEN,
        updated_at=THEN,
        subject=subject,
        related=(Related("paid back to", "card", f"tok_secret{mark}"),),
        schemes=(SchemeProbability("void_then_no_sale", 0.9),),
        probability=0.9,
        expected_loss=900.0,
        currency="EUR",
        window=Window(THEN, THEN),
        transactions=tuple(NaturalKey("pos", store, f"T-{mark}") for store in stores),
        reasons=(Reason(f"Secret of {mark}.", "void_then_no_sale", 3.0, "times", None, "x"),),
        versions=Versions("1", "1", "1", "1"),
    )


LEADS = {
    ("S1",): lead(Subject("operator", "person101", "S1"), "S1"),
    ("S2",): lead(Subject("operator", "person202", "S2"), "S2"),
    ("S1", "S2"): lead(Subject("card", "tok_person303"), "S1", "S2"),
}
PEOPLE = ("person101", "person202", "tok_person303", "tok_secret")


def marks(stores: tuple[str, ...]) -> tuple[str, ...]:
    name = "-".join(stores)
    return LEADS[stores].alert_id, f"Secret of {name}.", f"T-{name}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / settings.FILE_NAME).write_text(settings.template(), "utf-8")
    for made in open_door(folder):
        made.workspace.alerts.put(list(LEADS.values()))
        made.key("S1", sends=("transactions",))
        made.key("S2", sends=("transactions",))
        yield made


def routes(app: Any) -> Iterator[tuple[str, str]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS"}:
                    yield str(method), route.path


def test_every_route_is_written_down_here(guarded):
    assert set(routes(guarded.behind.app)) == set(ROUTES)
    plain = {route.path for route in guarded.behind.app.routes if isinstance(route, ASGIRoute)}
    assert plain == SIGNED


def test_a_route_that_says_nothing_lets_nobody_in(guarded):
    for route in guarded.behind.app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if "OPTIONS" not in handler.http_methods:  # which only names the other methods
                is_open = handler.opt.get("open") or route.path.startswith("/schema")
                assert is_open or handler.resolve_guards(), route.path


def requests(method: str, path: str) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """Yield the paths to ask for, and the stores of the object that each names."""
    if "{" not in path:
        yield path, None
        return
    for stores, one in LEADS.items():
        yield path.replace("{alert_id:str}", one.alert_id).replace("{path:str}", "x"), stores


def ask(door: Any, method: str, path: str, headers: dict[str, str]) -> Any:
    body = {"json": {"outcome": "legitimate"}} if path.endswith("/label") else {}
    form = {"data": {"name": "x", "password": "y", "csrf_token": "z"}} if "/desk/" in path else {}
    if (method, path) == ("POST", "/v1/session"):
        body = {"json": {"name": "nobody", "password": "nothing at all"}}
    kept = {name: value for name, value in headers.items() if name != "x-csrf-token"}
    sent = headers if method != "GET" else kept
    return door.client.request(method, path, headers=sent, follow_redirects=False, **(body or form))


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: "+".join(scope) or "chain")
@pytest.mark.parametrize("role", ROLES)
def test_nothing_leaks(guarded, role, scope):
    sees = {stores for stores in LEADS if not scope or set(stores) <= set(scope)}
    for (method, path), roles in ROUTES.items():
        if path in ("/desk/desk.css", "/desk/icon.svg"):
            continue
        for asked, stores in requests(method, path):
            headers = guarded.log_in(role, *scope)
            said = ask(guarded, method, asked, headers)
            if method == "DELETE":
                guarded.sessions.clear()
            told = said.text.replace(asked, "")
            hidden = [stores for stores in LEADS if stores not in sees or role not in LOOKS]
            leaked = [mark for stores in hidden for mark in marks(stores) if mark in told]
            assert leaked == [], (method, asked)
            assert [one for one in PEOPLE if one in told] == [], (method, asked)
            if roles is None:
                continue
            if role not in roles:
                assert said.status_code == 403, (method, asked)
            elif stores is not None and stores not in sees:
                assert said.status_code == 404, (method, asked)
            else:
                assert said.status_code in {200, 201, 204}, (method, asked, said.text)
                if stores is not None:
                    assert marks(stores)[1] in said.text


def test_who_is_not_logged_in_sees_no_more_than_the_door(guarded):
    for (method, path), roles in ROUTES.items():
        if roles is None:
            continue
        for asked, _ in requests(method, path):
            said = ask(guarded, method, asked, {"cookie": "__Host-shrinkwatch=made-up"})
            is_page = not path.startswith("/v1")
            assert said.status_code == (303 if is_page else 401), (method, asked)
            assert not any(mark in said.text for stores in LEADS for mark in marks(stores))


@pytest.mark.parametrize("path", sorted(SIGNED))
def test_nobody_sends_records_by_being_logged_in(guarded, path):
    headers = guarded.log_in("admin")
    assert guarded.client.post(path, json={}, headers=headers).status_code == 401


def test_admins_see_keys_and_users_of_their_stores_only(guarded):
    guarded.log_in("analyst", "S2")
    of_s1, of_all = guarded.log_in("admin", "S1"), guarded.log_in("admin")
    seen = guarded.client.get("/v1/keys", headers=of_s1).json()["keys"]
    assert [key["stores"] for key in seen] == [["S1"]]
    assert len(guarded.client.get("/v1/keys", headers=of_all).json()["keys"]) == 2
    users = guarded.client.get("/v1/users", headers=of_s1)
    assert {tuple(one["stores"]) for one in users.json()["users"]} == {("S1",)}
    assert "scrypt" not in users.text


def test_a_change_without_the_sessions_token_is_refused(guarded):
    headers = guarded.log_in("investigator")
    path = f"/v1/alerts/{LEADS['S1',].alert_id}/label"
    for token in ({}, {"x-csrf-token": "0" * 64}):
        sent = {"cookie": headers["cookie"]} | token
        said = guarded.client.post(path, json={"outcome": "theft"}, headers=sent)
        assert said.status_code == 403
    other = guarded.log_in("investigator", "S1")
    sent = {"cookie": headers["cookie"], "x-csrf-token": other["x-csrf-token"]}
    assert guarded.client.post(path, json={"outcome": "theft"}, headers=sent).status_code == 403


def test_who_looked_at_whom_is_in_the_audit_log(guarded):
    alert = LEADS["S1",].alert_id
    guarded.client.get(f"/v1/alerts/{alert}", headers=guarded.log_in("analyst", "S1"))
    last = list(audit_log(guarded.workspace).rows())[-1]
    assert (last.what, last.about) == ("alert_shown", f"alert {alert}")
    assert "analyst" not in last.who


def test_ids_of_people_are_shown_to_the_roles_that_settings_name(tmp_path):
    text = settings.template().replace("# show_ids_to = []", 'show_ids_to = ["investigator"]')
    (tmp_path / settings.FILE_NAME).write_text(text, "utf-8")
    for door in open_door(tmp_path):
        door.workspace.alerts.put([LEADS["S1",]])
        shown = {
            role: door.client.get("/v1/alerts", headers=door.log_in(role)).json()["alerts"][0]
            for role in ("investigator", "analyst")
        }
        assert shown["investigator"]["subject"]["id"] == "person101"
        assert shown["analyst"]["subject"]["id"] not in {"person101", ""}
        typed = msgspec.convert(shown["analyst"], Alert, strict=False)
        assert typed.alert_id == LEADS["S1",].alert_id
