"""Plainly written lines become columns without records; whatever else stands there is left."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from shrinkwatch.intake.plain_lines import read_plain
from shrinkwatch.intake.plain_values import NOTHING
from shrinkwatch.records.transaction import Original

SALE = '"source": "till", "store_id": "7", "type": "sale"'
LINE = '"line": 1, "kind": "item", "sku": "tea", "quantity": 1, "list_price": 2, "extended": 2'


def parts(*lines: str):
    found = read_plain("\n".join(lines).encode())
    assert found is not None
    return found.parts


def texts(part, name: str) -> list[str | None]:
    different, numbers = part.texts[name]
    return [different[number] for number in numbers.tolist()]


def test_texts_are_kept_once_and_a_missing_one_is_its_default():
    top = parts(
        f'{{{SALE}, "channel": "web", "status": "suspended"}}',
        f'{{{SALE}, "channel": null}}',
        f'{{{SALE}, "channel": "web"}}',
        f'{{{SALE}, "channel": "h\\u00e9 \\"x\\""}}',
        f'{{{SALE}, "channel": "ä"}}',
    )["transactions"]
    assert top.texts["channel"][0] == [None, "web", 'hé "x"', "ä"]
    assert texts(top, "channel") == ["web", None, "web", 'hé "x"', "ä"]
    assert texts(top, "status") == ["suspended", *["completed"] * 4]
    assert "operator_id" not in top.texts


def test_more_different_texts_than_a_table_begins_with():
    top = parts(*(f'{{{SALE}, "transaction_id": "T{n % 7000}"}}' for n in range(9000)))
    assert texts(top["transactions"], "transaction_id") == [f"T{n % 7000}" for n in range(9000)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("0", 0), ("-0", 0), ("-0.0", 0), ("12.50", 12.5), ('"-12.50"', -12.5), ("0.1", 0.1)),
        *(("999999999.999999", 999999999.999999), ("-7", -7), ("0.000001", 1e-6), ('"3"', 3)),
    ],
)
def test_numbers(written, value):
    (found,) = parts(f'{{{SALE}, "net": {written}}}')["transactions"].numbers["net"]
    assert found.tobytes() == np.float64(value).tobytes()


def test_every_number_of_cents_is_the_float_nearest_to_it():
    written = [f"{n // 100}.{n % 100:02}" for n in range(0, 3_000_000, 97)]
    found = parts(*(f'{{{SALE}, "net": {number}}}' for number in written))
    assert found["transactions"].numbers["net"].tolist() == [float(n) for n in written]


def test_counts_and_truth_values():
    top = parts(f'{{{SALE}, "sequence": 0, "training": true}}', f"{{{SALE}}}")["transactions"]
    count, present = top.counts["sequence"]
    assert (count[0], present.tolist()) == (0, [True, False])
    assert top.flags["training"].tolist() == [True, False]
    assert top.flags["tax_included"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("written", "wall_us", "offset_s", "naive"),
    [
        ("2000-01-01T00:00:00Z", 946_684_800_000_000, 0, False),
        ("2026-03-02T06:00:01.5+02:00", 1_772_431_201_500_000, 7_200, False),
        ("2026-03-02T06:00:01.000007-05:30", 1_772_431_201_000_007, -19_800, False),
        ("2024-02-29T23:59:59", 1_709_251_199_000_000, 0, True),
        ("2099-12-31T23:59:59-00:00", 4_102_444_799_000_000, 0, False),
    ],
)
def test_times(written, wall_us, offset_s, naive):
    top = parts(f'{{{SALE}, "ended_at": "{written}"}}', f"{{{SALE}}}")["transactions"]
    wall, offset, local = (values.tolist() for values in top.times["ended_at"])
    assert (wall, offset, local) == ([wall_us, NOTHING], [offset_s, 0], [naive, False])


def test_every_day_of_the_century():
    first, days = date(2000, 1, 1), 36_525
    lines = (f'{{{SALE}, "business_date": "{first + timedelta(n)}"}}' for n in range(days))
    found = parts(*lines)["transactions"].dates["business_date"]
    assert found.tolist() == list(range(10_957, 10_957 + days))


def test_parts_belong_to_their_transactions_and_lines():
    change = '{"type": "coupon", "amount": -1, "code": "whole"}'
    on_line = change.replace("whole", "line")
    found = read_plain(
        f'{{{SALE}, "price_changes": [{change}], "lines": [{{{LINE}}}, '
        f'{{{LINE}, "price_changes": [{on_line}, {on_line}]}}]}}\n'
        f'{{{SALE}, "lines": [], "tenders": [{{"type": "cash", "amount": 1}}]}}\n'
        f'{{{SALE}, "lines": [{{{LINE}, "price_changes": [{on_line}]}}]}}'.encode()
    )
    assert found is not None
    assert {part: of.tx.tolist() for part, of in found.parts.items()} == {
        "transactions": [0, 1, 2],
        "lines": [0, 0, 2],
        "tenders": [1],
        "events": [],
        "price_changes": [0, 0, 0, 2],
    }
    assert found.change_line.tolist() == [1, 1, -1, 2]
    assert texts(found.parts["price_changes"], "code") == ["line", "line", "whole", "line"]


def test_originals_are_named_where_they_are_given():
    named = '{"store_id": "8", "business_date": "2024-02-29", "sequence": 3}'
    found = parts(
        f'{{{SALE}, "original": null, "lines": [{{{LINE}, "original": {named}}}, {{{LINE}}}]}}',
        f'{{{SALE}, "original": {{"transaction_id": "T1"}}}}',
        f'{{{SALE}, "original": {{}}}}',
    )
    original = Original(store_id="8", business_date=date(2024, 2, 29), sequence=3)
    assert found["lines"].originals == [original, None]
    assert found["transactions"].originals == [None, Original(transaction_id="T1"), Original()]
    assert "sequence" not in found["lines"].counts


def test_unknown_fields_are_counted_and_passed_over():
    line = f'{{{SALE}, "mood": "x", "n": -1.5, "lines": [{{{LINE}, "colour": null}}], "é": true}}'
    found = read_plain(f"\n{line}\r\n \n{line}\n".encode())
    assert found is not None
    assert found.unknown_fields == {"lines.colour": 2, "mood": 2, "n": 2, "é": 2}
    assert found.parts["transactions"].tx.tolist() == [0, 1]


def test_no_lines_are_plain_lines():
    assert parts("", " ")["transactions"].tx.tolist() == []


NOT_PLAIN = [
    # grammar
    *("{", "[]", "1", "x", f"{{{SALE}}} x", f"{{{SALE},}}", f"{{{SALE}", f"{{{SALE}}}}}"),
    *(f'{{{SALE} "net": 1}}', f'{{{SALE}, "net" 1}}', f'{{{SALE}, "net": }}', f"\ufeff{{{SALE}}}"),
    *(f'{{{SALE}, "net": 1]}}', f'{{{SALE}, "lines": [{{{LINE}}},]}}', f'{{{SALE}, "lines": [1]}}'),
    *(f'{{{SALE}, "lines": {{}}}}', f'{{{SALE}, "lines": null}}', f'{{{SALE}, "original": []}}'),
    # names: one that is missing, twice the same, one with an escape
    *('{"source": "till", "store_id": "7"}', f'{{{SALE}, "lines": [{{"line": 1}}]}}'),
    *(f'{{{SALE}, "net": 1, "net": 1}}', f'{{{SALE}, "n\\u0065t": 1}}'),
    f'{{{SALE}, "original": {{"sequence": 1, "sequence": 1}}}}',
    # unknown fields with more than one value, or with one that is odd
    *(f'{{{SALE}, "mood": {odd}}}' for odd in ("{}", "[1]", "1e5", "tru", '"\\u0041"', "")),
    # keys
    *(f'{{{SALE}, "transaction_id": {odd}}}' for odd in ('""', '" T"', f'"{"T" * 61}"', '"a\\nb"')),
    # values of the wrong type
    *(f'{{{SALE}, "training": {odd}}}' for odd in ("null", "1", '"true"', "truex")),
    *(f'{{{SALE}, "channel": {odd}}}' for odd in ("1", "true", "[]", '"\\ud800"', '"\\x"')),
    *(f'{{{SALE}, "status": {odd}}}' for odd in ('"done"', "null", '"complete\\u0064"')),
    *(f'{{{SALE}, "sequence": {odd}}}' for odd in ("-1", "1.0", '"1"', "01", "1234567890", "1e1")),
    *(f'{{{SALE}, "net": {odd}}}' for odd in ("1e3", "01", ".5", "5.", "+1", "-", "1.2.3", "nul")),
    *(f'{{{SALE}, "net": {odd}}}' for odd in ("1234567890", "0.1234567", '"1', '"NaN"', '""')),
    *(f'{{{SALE}, "business_date": "{odd}"}}' for odd in ("2026-02-29", "1999-12-31", "2026-1-01")),
    *(f'{{{SALE}, "business_date": {odd}}}' for odd in ("20260101", '"2026-01-01T00:00:00Z"')),
    *(
        f'{{{SALE}, "ended_at": "2026-03-02{odd}"}}'
        for odd in ("", "T", " 06:00:00Z", "T24:00:00Z", "T06:60:00Z", "T06:00:60Z", "T06:00Z")
    ),
    *(
        f'{{{SALE}, "ended_at": "2026-03-02T06:00:00{odd}"}}'
        for odd in (".Z", ".1234567Z", "z", "+24:00", "+0200", "+02:60", "Zx", "+02")
    ),
]


@pytest.mark.parametrize("line", NOT_PLAIN)
def test_what_is_not_plain_is_left_to_others(line):
    assert read_plain(line.encode()) is None
    assert read_plain(f"{{{SALE}}}\n{line}\n{{{SALE}}}".encode()) is None


@pytest.mark.parametrize("raw", [b'"\xff"', b'"\xc3"', b'"a\x00b"', b'"a\tb"', b'"a\nb"', b'"\\'])
def test_bytes_that_are_no_text_are_left_to_others(raw):
    assert read_plain(b'{"mood": ' + raw + b", " + SALE.encode() + b"}") is None


def test_any_beginning_of_a_line_ends_where_it_ends():
    whole = json.dumps(json.loads(f'{{{SALE}, "net": 1.5, "lines": [{{{LINE}}}]}}')).encode()
    assert [n for n in range(1, len(whole)) if read_plain(whole[:n]) is not None] == []
