"""A disputed payment becomes a label on its receipt, and the card is known for it from then on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.sources.calls import SECRET, raw, signed, stripe_dispute
from tests.run.test_load import a_record

from shrinkwatch.features import labelled
from shrinkwatch.features.stream import COLUMNS_READ, FeatureStream
from shrinkwatch.records.alert import NaturalKey
from shrinkwatch.records.heard import Disputed, Heard
from shrinkwatch.records.trouble import Forged, Misconfigured, Unreachable
from shrinkwatch.run.audit import audit_log
from shrinkwatch.run.hooks import heard, record_disputes
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.score import score
from shrinkwatch.run.settings import Hook
from shrinkwatch.run.workspace import Workspace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOOK = Hook(name="stripe", vendor="stripe", secrets_file="keys/stripe.secret")
CARD = {"type": "credit", "card_token": "card-of-a-thief"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path / "workspace")
    opened = Workspace.open(tmp_path / "workspace")
    secret = opened.folder / HOOK.secrets_file
    secret.write_text(f"old\n{SECRET}\n")
    secret.chmod(0o600)
    yield opened
    opened.close()


def take(workspace: Workspace, *records: dict[str, Any]) -> None:
    path = workspace.folder / "feed.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    load([path], workspace, clock=lambda: NOW)


def sale(number: int, day: str, **fields: Any) -> dict[str, Any]:
    return (
        a_record(
            number,
            ended_at=f"{day}T09:00:00Z",
            business_date=day,
            tenders=[{**CARD, "amount": "2.00"}],
        )
        | fields
    )


def disputed(workspace: Workspace, **fields: Any) -> Heard:
    body = raw(stripe_dispute(**fields))
    return heard(workspace, HOOK, signed("stripe", body), body, NOW)


def labels(workspace: Workspace) -> list[dict[str, Any]]:
    return list(workspace.journal.tables()["labels"].iter_rows(named=True))


def test_the_receipt_that_carries_the_payment_is_labelled_once(workspace: Workspace) -> None:
    take(workspace, sale(1, "2026-02-02"), sale(2, "2026-02-03", order_id="pi_1"))
    told = disputed(workspace)
    assert record_disputes(workspace, HOOK, told, NOW) == 1
    assert record_disputes(workspace, HOOK, told, NOW + timedelta(hours=1)) == 0
    (label,) = labels(workspace)
    assert (label["sequence"], label["outcome"], label["by"]) == (2, "theft", "stripe")
    assert (label["loss_minor"], label["currency"], label["at"]) == (4999, "EUR", NOW)
    row = next(audit_log(workspace).rows(last=1))
    assert (row.what, row.who) == ("label_given", "program hook stripe")


def test_a_dispute_that_was_won_is_a_second_word_on_it(workspace: Workspace) -> None:
    take(workspace, sale(1, "2026-02-02", transaction_id="ch_1"))
    record_disputes(workspace, HOOK, disputed(workspace), NOW)
    record_disputes(workspace, HOOK, disputed(workspace, status="won"), NOW)
    assert [one["outcome"] for one in labels(workspace)] == ["theft", "legitimate"]
    assert {one["transaction_id"] for one in labels(workspace)} == {"ch_1"}


def test_the_cards_return_is_known_for_the_disputed_payment(workspace: Workspace) -> None:
    """MISSION B2: the buyer comes back."""
    take(
        workspace,
        sale(1, "2026-03-01", order_id="pi_1"),
        sale(2, "2026-03-02", ended_at="2026-03-02T11:59:00Z"),
        sale(3, "2026-03-02", ended_at="2026-03-02T12:01:00Z"),
    )
    record_disputes(workspace, HOOK, disputed(workspace), NOW)
    journal = workspace.journal
    stream = FeatureStream.new(
        journal.tables(),
        workspace.folder / "receipts",
        lambda keys: journal.receipts(keys, labelled.COLUMNS_READ),
    )
    rows = []
    for day in journal.days():
        stream.update_tables(journal.tables())
        frame = stream.advance(journal.arrivals(day, COLUMNS_READ))
        rows += frame.select("sequence", "card_confirmed_28d").rows()
        stream.close_day(day)
    known = {sequence: confirmed for sequence, confirmed in rows if sequence in {1, 2, 3}}
    assert known == {1: None, 2: None, 3: 1}  # null: nobody had said anything yet


def test_the_cards_return_raises_an_alert_on_the_card(workspace: Workspace) -> None:
    """MISSION B2: it buys again, and is paid back, after the bank took a payment back."""
    dear = {"net": "89.90", "tenders": [{**CARD, "amount": "89.90"}]}
    back = {"type": "return", "net": "-40.00", "tenders": [{**CARD, "amount": "-40.00"}]}
    other = [{**CARD, "card_token": "card-of-somebody", "amount": "89.90"}]
    take(
        workspace,
        sale(1, "2026-03-01", order_id="pi_1"),
        sale(2, "2026-03-02", ended_at="2026-03-02T12:01:00Z", **dear),
        sale(3, "2026-03-02", ended_at="2026-03-02T12:05:00Z", **(dear | {"tenders": other})),
        sale(4, "2026-03-02", ended_at="2026-03-02T12:09:00Z", **back),
    )
    record_disputes(workspace, HOOK, disputed(workspace), NOW)
    assert score(workspace).raised == 1
    (alert,) = workspace.alerts.all()
    assert (alert.subject.type, alert.subject.id) == ("card", "card-of-a-thief")
    assert [one.sequence for one in alert.transactions] == [2, 4]
    assert alert.probability == pytest.approx(0.5, abs=0.01)
    assert alert.expected_loss == pytest.approx(89.90 + 40.00, rel=0.01)
    (reason,) = alert.reasons
    assert reason.feature == "card_of_disputed_payment"
    assert reason.sentence.endswith("was found to be a fraud: 2.")


def test_a_dispute_that_was_won_raises_none(workspace: Workspace) -> None:
    dear = {"net": "89.90", "tenders": [{**CARD, "amount": "89.90"}]}
    take(
        workspace,
        sale(1, "2026-03-01", order_id="pi_1"),
        sale(2, "2026-03-02", ended_at="2026-03-02T12:01:00Z", **dear),
    )
    record_disputes(workspace, HOOK, disputed(workspace, status="won"), NOW)
    assert score(workspace).raised == 0


def test_the_vendors_own_key_of_the_receipt_is_enough(workspace: Workspace) -> None:
    take(workspace, sale(1, "2026-02-02", transaction_id="pay1"))
    key = NaturalKey("till", "7", "pay1")
    told = Heard("1", disputes=(Disputed("theft", NOW, "2.00", "EUR", key=key),))
    assert record_disputes(workspace, HOOK, told, NOW) == 1


def test_a_payment_that_no_receipt_carries_is_asked_for_again(workspace: Workspace) -> None:
    take(workspace, sale(1, "2026-02-02"), sale(2, "2024-01-02", order_id="pi_1"))
    with pytest.raises(Unreachable, match="no receipt carries this payment"):
        record_disputes(workspace, HOOK, disputed(workspace), NOW)
    assert labels(workspace) == []


def test_a_forged_call_is_told_apart_from_one_that_is_not_set_up(workspace: Workspace) -> None:
    body = raw(stripe_dispute())
    with pytest.raises(Forged):
        heard(workspace, HOOK, signed("stripe", body, "guess"), body, NOW)
    for content, mode, says in (("", 0o600, "holds 0 secrets"), ("x", 0o644, "chmod 600")):
        (workspace.folder / HOOK.secrets_file).write_text(content)
        (workspace.folder / HOOK.secrets_file).chmod(mode)
        with pytest.raises(Misconfigured, match=says):
            heard(workspace, HOOK, signed("stripe", body), body, NOW)
    (workspace.folder / HOOK.secrets_file).unlink()
    with pytest.raises(Misconfigured, match="cannot be read"):
        heard(workspace, HOOK, signed("stripe", body), body, NOW)
