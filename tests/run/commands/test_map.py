"""`map`: a draft, the receipts as understood, and what the file does not say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]

TABLE = """bon;datum;artikel;menge;preis;betrag
1;02.03.2026 09:15;Milch;2;1,19;2,38
1;02.03.2026 09:15;Brot;1;3,49;3,49
2;02.03.2026 09:21;Käse;1;4,99;4,99
3;02.03.2026 09:40;Käse;-1;4,99;-4,99
"""


@pytest.fixture
def chain(command: Command, tmp_path: Path) -> Path:
    command("init", tmp_path / "chain")
    (tmp_path / "kasse.csv").write_text(TABLE, "utf-8")
    return tmp_path / "chain"


def test_receipts_are_shown_as_understood_with_questions(command: Command, chain: Path) -> None:
    shown = command("map", chain.parent / "kasse.csv", "--workspace", chain).stdout
    assert "receipts of kasse.csv as understood" in shown
    assert "What the file does not say" in shown
    assert "time zone" in shown
    assert "--mapping" in shown
    assert (chain / "mappings" / "kasse.toml").is_file()


def test_a_corrected_draft_is_not_overwritten(command: Command, chain: Path) -> None:
    command("map", chain.parent / "kasse.csv", "--workspace", chain)
    (chain / "mappings" / "kasse.toml").write_text("# mine\n")
    result = command("map", chain.parent / "kasse.csv", "--workspace", chain)
    assert result.exit_code == 1
    assert "--out" in result.stderr
    assert (chain / "mappings" / "kasse.toml").read_text() == "# mine\n"


def test_json_has_the_receipts_as_the_contract_writes_them(command: Command, chain: Path) -> None:
    printed = command("map", chain.parent / "kasse.csv", "--json", "--workspace", chain).stdout
    told = json.loads(printed)
    assert told["questions"]
    assert {receipt["type"] for receipt in told["receipts"]} <= {"sale", "return", "exchange"}
