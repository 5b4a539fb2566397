"""Card numbers that are sent in, however they are dressed, end up nowhere."""

import json
import logging
import random
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from shrinkwatch.records.batch import PARTS
from shrinkwatch.run.api.settling import Takers
from shrinkwatch.run.log_lines import JsonLines

from .conftest import a_sale

PREFIXES = ("4", "51", "55", "2221", "34", "37", "6011", "3528")


def luhn(body: str) -> str:
    """The body with its check digit. Source: ISO/IEC 7812-1, annex B."""
    digits = [int(sign) for sign in reversed(body)]
    doubled = [2 * digit for digit in digits[::2]]
    total = sum(digits[1::2]) + sum(digit - 9 * (digit > 9) for digit in doubled)
    return body + str(-total % 10)


def numbers(count: int) -> list[str]:
    chance = random.Random(7)
    made = []
    for _ in range(count):
        prefix = chance.choice(PREFIXES)
        length = 15 if prefix in {"34", "37"} else 16
        body = prefix + "".join(
            chance.choice("0123456789") for _ in range(length - 1 - len(prefix))
        )
        made.append(luhn(body))
    return made


def dressed(number: str) -> Iterator[bytes]:
    """Receipts, and what is none, with the number in every place and dress that a till has."""
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    dashed = spaced.replace(" ", "-")
    wide = "".join(chr(0xFF10 + int(digit)) for digit in number)
    escaped = "".join(f"\\u00{ord(digit):02x}" for digit in number)
    sequence = int(number[-9:])
    for row, text in enumerate((number, spaced, dashed, wide, f"paid with {number}, thanks")):
        sale = a_sale(sequence * 10 + row)
        sale["lines"][0]["description"] = text
        sale["tenders"][0]["card_token"] = text
        sale["events"] = [{"type": "override", "reason": json.dumps({"card": text})}]
        sale["loyalty_id"] = number
        yield json.dumps(sale).encode()
        yield json.dumps(sale | {"type": text}).encode()  # rejected: kept as a reject
        yield json.dumps(sale, ensure_ascii=False).encode()[:-9]  # breaks off
    yield json.dumps(a_sale(sequence, channel="X")).replace('"X"', f'"{escaped}"').encode()
    yield b'{"note": %s, "store_id": "S1"}' % number.encode()
    yield number.encode()


@pytest.fixture
def cards() -> list[str]:
    return numbers(40)


def kept(door: Any) -> Iterator[str]:
    """Every text that the workspace keeps, spaces and dashes taken out."""
    journal = door.workspace.journal
    for day in journal.days():
        batch = journal.arrivals(day)
        for part in PARTS:
            frame = getattr(batch, part)
            for name, kind in frame.schema.items():
                if kind == pl.String:
                    yield from frame[name].drop_nulls()
    for reject in journal.rejects():
        yield reject.raw.decode("utf-8", "replace")
        yield reject.sentence
    tables = journal.tables()
    for kind in ("shifts", "stock_moves"):
        for column in tables[kind].select(pl.col(pl.String)):
            yield from column.drop_nulls()
    for file in door.workspace.folder.rglob("*"):
        if file.is_file():
            yield file.read_bytes().decode("latin-1")


def test_no_card_number_is_kept_or_answered(door, cards):
    key = door.key("S1")
    answers = []
    for number in cards:
        lines = b"\n".join(dressed(number))
        said = door.send(key, lines, content_type="application/x-ndjson")
        assert said.status_code == 202, said.text
        answers.append(said.text)
        shift = {"store_id": "S1", "operator_id": number, "clock_in": number}
        answers.append(door.send(key, [shift], "/v1/shifts").text)
        move = {"store_id": "S1", "sku": "tea", "at": "2026-03-02T08:00:00Z", "kind": "waste"}
        move |= {"quantity": 1, "reason": number, "reference": number}
        answers.append(door.send(key, [move], "/v1/stock_moves").text)
    everything = "\n".join([*kept(door), *answers]).replace(" ", "").replace("-", "")
    assert [number for number in cards if number in everything] == []
    stored = door.workspace.journal.arrivals(door.watch.now.date()).transactions
    assert stored.height >= 5 * len(cards)
    assert stored["loyalty_id"].drop_nulls().str.starts_with("tok_").all()


def test_nor_is_it_in_the_log_when_the_server_fails(door, cards, monkeypatch, caplog):
    def failing(group: Any) -> Any:
        raise RuntimeError(f"cannot take {group[0].cut.lines[0]!r}")

    sale = a_sale(1, channel=cards[0])
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(door.behind.writer, "_takers", Takers({"transactions": failing}, failing))
    assert door.send(door.key("S1"), sale).status_code == 500
    lines = [JsonLines(door.workspace.key).format(record) for record in caplog.records]
    assert any("RuntimeError" in line for line in lines)
    assert all(cards[0] not in line for line in lines)
