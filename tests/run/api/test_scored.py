"""A till may wait for what scoring says of its receipt."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from shrinkwatch.records.alert import Reason
from shrinkwatch.run.live.port import Scored

from .conftest import a_sale, open_door


@dataclass
class SaysSo:
    """Scoring that knows at once what it says of every second record."""

    asked: list[int] = field(default_factory=list)
    runs: bool = True

    def is_on(self) -> bool:
        return self.runs

    def wait(self, position: int, timeout_s: float) -> Scored | None:
        assert timeout_s > 0
        self.asked.append(position)
        reason = Reason("Void, then drawer.", "void_then_no_sale", 3.0, "EUR", None, "x")
        return Scored(position, 0.25, ("void_then_no_sale",), (reason,)) if position % 2 else None

    def lag(self) -> tuple[int, float]:
        return (7, 1.5)


@pytest.fixture
def scores() -> SaysSo:
    return SaysSo()


@pytest.fixture
def scored(folder: Any, scores: SaysSo) -> Iterator[Any]:
    yield from open_door(folder, scores=scores)


def test_it_is_told_with_the_outcome_of_each_record(scored, scores):
    sales = [a_sale(1), a_sale(2), a_sale(3, net="NaN")]
    said = scored.send(scored.key("S1"), sales, "/v1/transactions?wait=score")
    assert said.status_code == 202
    told = said.json()
    assert [one["outcome"] for one in told["records"]] == ["accepted", "accepted", "rejected"]
    assert told["scores"][0] is None
    assert told["scores"][1]["rules"] == ["void_then_no_sale"]
    assert told["scores"][1]["reasons"][0]["sentence"] == "Void, then drawer."
    assert told["scores"][2] is None, "what was rejected is not asked about"
    assert scores.asked == [one["position"] for one in told["records"][:2]]


def test_who_sends_again_is_told_again(scored, scores):
    key = scored.key("S1")
    first = scored.send(key, [a_sale(1), a_sale(2)], "/v1/transactions?wait=score").json()
    again = scored.send(key, [a_sale(1), a_sale(2)], "/v1/transactions?wait=score").json()
    assert again["duplicate"] == 2
    assert again["scores"] == first["scores"]


def test_without_being_asked_nobody_waits(scored, scores):
    assert "scores" not in scored.send(scored.key("S1"), a_sale(1)).json()
    assert scores.asked == []


def test_when_scoring_stops_it_says_so_before_anything_is_taken(scored, scores):
    scores.runs = False
    said = scored.send(scored.key("S1"), a_sale(1), "/v1/transactions?wait=score")
    assert (said.status_code, said.headers["retry-after"]) == (503, "60")
    assert scored.workspace.journal.days() == []


def test_how_far_it_is_behind_is_a_metric(scored):
    told = scored.client.get("/metrics").text
    assert "shrinkwatch_lag_records 7\n" in told
    assert "shrinkwatch_lag_seconds 1.5\n" in told
