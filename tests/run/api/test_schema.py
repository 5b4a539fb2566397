"""The server does what its OpenAPI document says, whatever is sent: no fault, no other answer.

Requests are made from the document by schemathesis, seeded; SHRINKWATCH_TEST_CASES sets how many
for each operation.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from requests import Request
from schemathesis.specs.openapi import checks as openapi

from shrinkwatch.run import settings as own

from .conftest import a_sale, open_door
from .test_access import LEADS, SIGNED

CASES = int(os.environ.get("SHRINKWATCH_TEST_CASES", "25"))
CHECKS = [
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("described")
    (folder / own.FILE_NAME).write_text(own.template(), "utf-8")
    for door in open_door(folder):
        door.workspace.alerts.put(list(LEADS.values()))
        yield door, door.key(per_second=10_000), door.client.get("/schema").json()


def operations(document: dict[str, Any]) -> dict[str, Any]:
    found = schemathesis.openapi.from_dict(document).get_all_operations()
    return {f"{one.ok().method.upper()} {one.ok().path}": one.ok() for one in found}


def test_every_route_below_v1_is_described(described):
    door, _, document = described
    below = {route.path for route in door.behind.app.routes if route.path.startswith("/v1")}
    assert {path.replace(":str", "") for path in below} == {
        path for path in document["paths"] if path.startswith("/v1")
    }
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", sorted(SIGNED))
def test_records_of_any_shape_are_answered_as_described(described, path):
    door, key, document = described
    _play(door, operations(document)[f"POST {path}"], key)


@pytest.mark.parametrize(
    "name",
    [
        "GET /v1/alerts",
        "GET /v1/alerts/{alert_id}",
        "POST /v1/alerts/{alert_id}/label",
        "GET /v1/session",
        "GET /v1/keys",
        "GET /v1/users",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
    ],
)
def test_questions_of_any_shape_are_answered_as_described(described, name):
    door, _, document = described
    _play(door, operations(document)[name], None)


def _play(door: Any, operation: Any, key: Any) -> None:
    @settings(
        max_examples=CASES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def play(case: Any) -> None:
        made = case.as_transport_kwargs(base_url="https://testserver.local")
        known = {"method", "url", "headers", "params", "json", "data"}
        sent = Request(**{k: v for k, v in made.items() if k in known}).prepare()
        body = sent.body or b""
        body = body.encode() if isinstance(body, str) else body
        target = urlsplit(sent.url)
        asked = target.path + (f"?{target.query}" if target.query else "")
        headers = {
            name: value
            for name, value in sent.headers.items()
            if not name.lower().startswith("x-shrinkwatch") and name.lower() != "content-length"
        }
        if key is not None:
            headers |= door.headers(key, asked, body, method=str(sent.method))
        else:
            headers |= door.log_in("investigator")
        said = door.client.request(str(sent.method), asked, content=body, headers=headers)
        case.validate_response(said, checks=CHECKS)

    play()


def test_a_sale_as_described_is_taken(described):
    door, key, _ = described
    assert door.send(key, a_sale(1)).json()["accepted"] == 1
