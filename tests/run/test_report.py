"""The report of a workspace: what is gathered from the journal, counted by hand."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from shrinkwatch.run.report import write

SALES = [("S1", "1", "2026-03-02"), ("S1", "2", "2026-03-03"), ("S2", "3", "2026-03-04")]


@pytest.fixture
def chain(command: Callable[..., Any], tmp_path: Path) -> Path:
    """Three sales in two stores, never scored."""
    command("init", tmp_path)
    lines = [
        json.dumps(
            {
                "source": "pos",
                "store_id": store,
                "transaction_id": number,
                "type": "sale",
                "currency": "GBP",
                "net": "3.00",
                "ended_at": f"{day}T10:00:00Z",
            }
        )
        for store, number, day in SALES
    ]
    (tmp_path / "feed.ndjson").write_text("\n".join(lines))
    command("load", tmp_path / "feed.ndjson", "--workspace", tmp_path)
    return tmp_path


def test_the_page_says_what_was_read_and_when_it_was_made(chain: Path) -> None:
    made_at = datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
    written = write(chain, note="A remark for the top.", clock=lambda: made_at)
    html = written.path.read_text("utf-8")
    assert written.alerts == 0
    assert "2–4 Mar 2026" in html
    assert "0 of 2" in html
    assert "A remark for the top." in html
    assert "9 Mar 2026 06:00 UTC" in html


def test_schemes_that_can_be_seen_stand_before_those_that_cannot(chain: Path) -> None:
    html = write(chain).path.read_text("utf-8")
    pills = [part[:6].split("<")[0] for part in html.split('class="pill">')[1:]]
    assert pills == sorted(pills, key=["yes", "partly", "no"].index)
    assert "no" in pills


def test_the_feed_and_its_load_are_on_the_page(chain: Path) -> None:
    html = write(chain).path.read_text("utf-8")
    assert "pos: of 41 schemes" in html
    assert "feed.ndjson" in html
