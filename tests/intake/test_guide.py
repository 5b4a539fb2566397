"""The examples of the documentation are run as they stand."""

import io
import re
from decimal import Decimal
from pathlib import Path

from shrinkwatch.intake.block import ReadBlock
from shrinkwatch.intake.cells import read_sheet
from shrinkwatch.intake.contract_lines import read, read_record
from shrinkwatch.intake.formats import table
from shrinkwatch.intake.json_fields import survey
from shrinkwatch.intake.mapped import moves_sheet
from shrinkwatch.intake.mapping import parse_mapping
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.transaction import Transaction

DOCS = Path(__file__).resolve().parents[2] / "docs"


def examples(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


def test_every_example_of_the_contract_is_a_transaction_without_unknown_fields() -> None:
    found = examples("contract.md", "json")
    assert len(found) == 3
    for example in found:
        line = example.replace("\n", " ").encode()
        assert isinstance(read_record(line), Transaction)
        assert survey(line).unknown == {}


def test_the_guides_mapping_reads_the_guides_file_as_the_guide_says() -> None:
    mapping, moves = examples("guide/mapping.md", "toml")
    (sheet,) = examples("guide/mapping.md", "csv")
    whole = ReadBlock()
    for block in table.blocks(io.BytesIO(sheet.encode()), "f", parse_mapping(mapping, "guide")):
        part = read(block, TokenKey(bytes(32)))
        whole.transactions += part.transactions
        whole.skipped |= part.skipped
        assert part.rejects == []
    assert [(t.type, t.status, t.net) for t in whole.transactions] == [
        ("sale", "completed", Decimal("5.97")),
        ("return", "completed", Decimal("-1.99")),
        ("sale", "cancelled", Decimal("7.47")),
    ]
    assert whole.skipped == {"end of day": 1}
    both = parse_mapping(mapping + moves, "guide")
    assert moves_sheet(sheet.encode(), both).frame["sku"].to_list() == ["TAGESENDE"]
    assert len(read_sheet(sheet.encode()).frame) == 5
