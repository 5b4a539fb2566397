"""`receipt`: as the till printed it, with the suspicious lines marked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def first_key(command: Command, workspace: Path) -> str:
    document = json.loads(command("alerts", "--json", "--workspace", workspace).stdout)
    key = document["alerts"][0]["transactions"][0]
    return f"{key['store_id']}/{key['register_id']}/{key['business_date']}/{key['sequence']}"


def test_a_receipt_of_an_alert_is_marked(command: Command, workspace: Path) -> None:
    shown = command("receipt", first_key(command, workspace), "--workspace", workspace).stdout
    assert [line for line in shown.splitlines() if line.startswith(">")]


def test_json_is_the_transaction(command: Command, workspace: Path) -> None:
    key = first_key(command, workspace)
    printed = command("receipt", key, "--json", "--workspace", workspace).stdout
    (receipt,) = json.loads(printed)["receipts"]
    assert key.startswith(f"{receipt['store_id']}/{receipt['register_id']}/")


def test_a_receipt_that_is_not_there_is_explained(command: Command, workspace: Path) -> None:
    result = command("receipt", "none/such", "--workspace", workspace)
    assert result.exit_code == 1
    assert "no receipt none/such" in result.stderr
