"""Pages of alerts: every alert once, whatever happens to the list meanwhile."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from shrinkwatch.records.alert import Alert, Subject
from shrinkwatch.run.api.cursor import PATTERN, page

from .conftest import open_door
from .test_access import lead


def alerts(*losses: float) -> list[Alert]:
    """Return alerts that are worth half of these, in the order of the store."""
    made = [
        replace(lead(Subject("operator", f"p{n}", "S1"), "S1"), probability=0.5, expected_loss=loss)
        for n, loss in enumerate(losses)
    ]
    return sorted(made, key=lambda one: (-one.expected_loss, one.alert_id))


def test_pages_have_every_alert_once_in_the_order_of_the_list() -> None:
    every = alerts(90.0, 40.0, 40.0, 40.0, 40.0, 7.5, 0.0)
    seen, after, sizes = [], None, []
    while True:
        shown, after = page(every, 3, after)
        seen, sizes = seen + shown, [*sizes, len(shown)]
        if after is None:
            break
        assert re.match(PATTERN, after)
    assert seen == every
    assert sizes == [3, 3, 1]


def test_a_full_last_page_is_the_last() -> None:
    assert page(alerts(3.0, 2.0), 2, None)[1] is None
    assert page([], 2, None) == ([], None)


def test_what_comes_and_goes_between_pages_moves_nothing_else() -> None:
    every = alerts(90.0, 80.0, 70.0, 60.0)
    _, after = page(every, 2, None)
    new = alerts(0.0, 0.0, 0.0, 0.0, 95.0)[:1]
    without_the_last_shown = [*new, every[0], *every[2:]]
    assert page(without_the_last_shown, 2, after)[0] == every[2:]


@dataclass
class Asked:
    door: Any
    every: list[Alert] = field(default_factory=list)

    def get(self, query: str = "") -> Any:
        return self.door.client.get(f"/v1/alerts{query}", headers=self.door.log_in("analyst"))


@pytest.fixture
def asked(folder: Any) -> Iterator[Asked]:
    for door in open_door(folder):
        yield Asked(door)


def ids(said: Any) -> list[str]:
    return [one["alert_id"] for one in said.json()["alerts"]]


def test_over_http_a_page_says_where_the_next_begins(asked: Asked) -> None:
    every = alerts(*(float(n) for n in range(120)))
    asked.door.workspace.alerts.put(every)
    first = asked.get()
    assert ids(first) == [one.alert_id for one in every[:100]]
    rest = asked.get(f"?after={first.json()['next']}")
    assert ids(rest) == [one.alert_id for one in every[100:]]
    assert rest.json()["next"] is None
    assert ids(asked.get("?limit=7")) == [one.alert_id for one in every[:7]]
    none = asked.get("?status=closed")
    assert none.json() == {"alerts": [], "next": None}


def test_without_alerts_the_list_is_empty(asked: Asked) -> None:
    said = asked.get()
    assert (said.status_code, said.json()) == (200, {"alerts": [], "next": None})


@pytest.mark.parametrize(
    "query",
    [
        *("?limit=0", "?limit=501", "?limit=many", "?min_probability=1.1"),
        *("?after=x", "?after=zz00000000000000abc"),
    ],
)
def test_what_is_no_page_is_refused(asked: Asked, query: str) -> None:
    assert asked.get(query).status_code == 422
