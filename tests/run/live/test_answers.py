"""What is said of a single receipt: what can be compared with others, and no litany."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.run.live.conftest import Watch

from shrinkwatch.adapters.stores.live import StoredLive
from shrinkwatch.run.labels import take_label
from shrinkwatch.run.live.loop import Live
from shrinkwatch.run.live.port import Scored
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.workspace import Workspace


@dataclass
class Till:
    """A till whose receipts are scored one by one, and what it is told."""

    workspace: Workspace
    watch: Watch = field(default_factory=lambda: Watch(datetime(2026, 3, 2, 9, tzinfo=UTC)))
    numbers: int = 0

    def __post_init__(self) -> None:
        store = StoredLive(self.workspace.alerts.database)
        self.live = Live.begin(self.workspace, store, self.watch)

    def record(self, kind: str, at: str, units: int = 1, **fields: Any) -> dict[str, Any]:
        self.numbers += 1
        amount, back = f"{12.5 * units:.2f}", kind in {"return", "void"}
        line = {
            "line": 1,
            "kind": "return" if back else "item",
            "sku": "tea",
            "quantity": -units if back else units,
            "list_price": "12.50",
            "extended": f"-{amount}" if back else amount,
        }
        signed = f"-{amount}" if back else amount
        goods = kind != "no_sale"
        return {
            "source": "pos",
            "store_id": "S1",
            "register_id": "1",
            "business_date": at[:10],
            "sequence": self.numbers,
            "operator_id": "104",
            "type": kind,
            "currency": "EUR",
            "ended_at": at,
            "net": signed if goods else "0",
            "lines": [line] if goods and kind != "void" else [],
            "tenders": [{"type": "cash", "amount": signed}] if goods else [],
        } | fields

    def send(self, *records: dict[str, Any]) -> Scored:
        """Return what is said of the last of these."""
        self.watch.now = datetime.fromisoformat(records[-1]["ended_at"])
        path = self.workspace.folder / "feed.ndjson"
        path.write_text("".join(json.dumps(one) + "\n" for one in records))
        assert load([path], self.workspace, clock=self.watch).accepted == len(records)
        while self.live.step():
            pass
        said = self.live.answers.wait(self.workspace.journal.end() - 1, 0.0)
        assert said is not None
        return said


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    make_workspace(tmp_path / "workspace")
    opened = Workspace.open(tmp_path / "workspace")
    till = Till(opened)
    yield till
    till.live.aside.wait()
    opened.close()


def minutes(count: int, day: str = "2026-03-02") -> list[str]:
    return [f"{day}T{9 + n // 60:02}:{n % 60:02}:00Z" for n in range(count)]


def test_the_first_receipts_of_all_fire_no_rule(till: Till) -> None:
    first = {"register_id": "1", "business_date": "2026-03-02", "sequence": 1}
    said = [
        till.send(till.record("sale", "2026-03-02T09:00:00Z")),
        till.send(till.record("return", "2026-03-02T09:05:00Z")),
        till.send(till.record("return", "2026-03-02T09:06:00Z", original=first)),
        till.send(till.record("no_sale", "2026-03-02T09:07:00Z")),
        till.send(till.record("void", "2026-03-02T09:08:00Z", original=first)),
    ]
    assert [one.rules for one in said] == [()] * 5
    assert [one.reasons for one in said] == [()] * 5
    alone = (
        "An enormous return of one article: fewer than 50 such receipts are known to compare with"
    )
    assert said[1].missing[0] == alone
    assert said[3].missing == ()


def test_what_was_not_checked_is_said_of_this_receipt_in_a_few_sentences(till: Till) -> None:
    till.send(till.record("sale", "2026-03-02T09:00:00Z"))
    back = till.send(till.record("return", "2026-03-02T09:05:00Z"))
    assert len(back.missing) == 4
    assert any("which receipt a return takes back" in one for one in back.missing)
    sold = till.send(till.record("sale", "2026-03-02T09:06:00Z"))
    assert len(sold.missing) <= 3
    assert not any("which receipt a return takes back" in one for one in sold.missing)
    assert sum(map(len, back.missing)) < 1000


def test_an_enormous_return_is_one_that_few_others_were(till: Till) -> None:
    usual = [till.record("return", at) for at in minutes(120)]
    till.send(*usual)
    same = till.send(till.record("return", "2026-03-03T09:00:00Z"))
    assert same.rules == ()
    said = till.send(till.record("return", "2026-03-03T09:05:00Z", units=500))
    assert said.rules == ("enormous_return_of_sku",)
    assert said.reasons[0].sentence == (
        "An enormous return of one article; seen on 0 of 120 such receipts in 28 days; "
        "6,250.00 EUR at stake."
    )


def test_with_ninety_nine_others_a_hundredth_can_be_told(till: Till) -> None:
    till.send(*(till.record("return", at) for at in minutes(98)))
    large = till.send(till.record("return", "2026-03-03T09:00:00Z", units=500))
    assert large.rules == ()


def test_a_sale_that_was_taken_back_is_told_with_how_often_that_happens(till: Till) -> None:
    till.send(*(till.record("sale", at) for at in minutes(60)))
    sold = till.record("sale", "2026-03-03T09:00:00Z")
    taken = {name: sold[name] for name in ("register_id", "business_date", "sequence")}
    till.send(sold)
    said = till.send(till.record("void", "2026-03-03T09:05:00Z", original=taken))
    assert said.rules == ("post_void_of_cash", "post_void_rate")
    assert said.reasons[0].sentence == (
        "Cash sales taken back after the customer left; seen on 0 of 60 such receipts in 28 days; "
        "12.50 EUR at stake."
    )


def test_the_card_of_a_disputed_payment_is_told_at_once(till: Till) -> None:
    card = [{"type": "credit", "card_token": "stolen", "amount": "12.50"}]
    till.send(till.record("sale", "2026-03-02T09:00:00Z", tenders=card, transaction_id="pay1"))
    heard = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    label = {"at": heard.isoformat(), "by": "stripe", "outcome": "theft", "source": "pos"}
    named = {"store_id": "S1", "transaction_id": "pay1"}
    assert take_label(till.workspace, label | named, heard)
    said = till.send(till.record("sale", "2026-03-02T10:00:00Z", tenders=card))
    assert said.rules == ("card_of_disputed_payment",)
    assert said.reasons[0].sentence == (
        "A card whose payment was found to be a fraud; 12.50 EUR at stake."
    )
    other = [{"type": "credit", "card_token": "another", "amount": "12.50"}]
    assert till.send(till.record("sale", "2026-03-02T10:05:00Z", tenders=other)).rules == ()
