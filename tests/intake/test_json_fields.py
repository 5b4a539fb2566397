import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.json_fields import survey
from shrinkwatch.records import transaction as till

LEVELS = {
    "": till.Transaction,
    "lines": till.Line,
    "tenders": till.Tender,
    "events": till.Event,
    "price_changes": till.PriceChange,
    "original": till.Original,
}


def counted(value: Any, level: str, found: dict[str, int]) -> dict[str, int]:
    """Count unknown names the slow way: walk over the decoded record."""
    if isinstance(value, list):
        for part in value:
            counted(part, level, found)
    if not isinstance(value, dict):
        return found
    known = {field.encode_name for field in msgspec.structs.fields(LEVELS[level])}
    for name, member in value.items():
        if name not in known:
            dotted = f"{level}.{name}" if level else name
            found[dotted] = found.get(dotted, 0) + 1
        elif name in LEVELS:
            counted(member, name, found)
    return found


NAMES = st.sampled_from(
    ["lines", "tenders", "original", "price_changes", "sku", "net", "colour", "x", 'q"uote', "ä"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab{}[]:,\\"', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=5), max_size=4))
def test_the_walk_counts_what_decoding_would_count(records: list[dict[str, Any]]) -> None:
    expected: dict[str, int] = {}
    for record in records:
        counted(record, "", expected)
    raw = "\n".join(json.dumps(record, ensure_ascii=False) for record in records).encode()
    escaped = {json.dumps(n, ensure_ascii=False)[1:-1] if n else n: c for n, c in expected.items()}
    assert survey(raw).unknown == escaped


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_can_be_surveyed(raw: bytes) -> None:
    assert all(line <= raw.count(b"\n") for line in survey(raw).odd_lines)


def test_a_broken_line_does_not_confuse_the_next() -> None:
    raw = b'{"lines": [{"a": "un\n{"colour": 1}\n]]}}{"\n{"sku": 1, "net": 2}'
    assert survey(raw).unknown == {"lines.a": 1, "colour": 1, "sku": 1}


def test_lines_with_unusual_values_are_told() -> None:
    plain = [
        '{"net": "1.50", "sequence": 7, "ended_at": "2026-01-01T00:00:00Z", "store_id": "S"}',
        '{"lines": [{"quantity": -1, "list_price": 0.5}], "net": 3}',
    ]
    odd = [
        '{"net": "NaN"}',
        '{"net": 1e9}',
        '{"net": 12345678901}',
        '{"ended_at": "0201-01-01"}',
        '{"store_id": ""}',
        '{"transaction_id": "a\\u0000b"}',
        '{"sequence": 12345678901}',
        '{"sequence": -5}',
        '{"original": {"sequence": -5}}',
        '{"lines": [{"line": -1}]}',
        '{"lines": [{"quantity": "٣"}]}',
        '{"net": "1.2.3"}',
    ]
    found = survey("\n".join(plain + odd).encode()).odd_lines
    assert found == set(range(len(plain), len(plain) + len(odd)))


def test_more_unknown_names_than_there_is_room_for_are_still_counted() -> None:
    raw = json.dumps({f"field {i}": 1 for i in range(3000)}).encode()
    assert sum(survey(raw).unknown.values()) == 3000


def test_says_which_fields_of_the_contract_occur() -> None:
    seen = survey(b'{"source": "x", "mood": {"net": 1}, "lines": [{"sku": "1"}]}\n{"tax": 1}')
    assert seen.given == {"source", "lines", "sku", "tax"}


def test_a_name_written_with_escapes_may_be_any_field() -> None:
    assert survey(b'{"source": "x", "\\u006eet": 1}').given is None
