"""Card numbers are made by the textbook's Luhn check, not by ours."""

import json
import random
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.card_numbers import IDENTIFIER_FIELDS, find
from shrinkwatch.intake.scrub import scrub_json, scrub_text, scrub_value
from shrinkwatch.intake.token_key import TokenKey

Growth = Callable[[Callable[[bytes], object], bytes, bytes], float]

PREFIXES = ("4", "51", "55", "2221", "2720", "34", "37", "36", "300", "3528", "62", "6011", "5018")


def check_digit(body: str) -> str:
    """Return the digit that makes the number pass Luhn: double every second from the right."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += sum(divmod(value, 10))
    return str(-total % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    """Return a number of 13 to 19 digits that is a card's."""
    prefix = draw(st.sampled_from(PREFIXES))
    length = draw(st.integers(13, 19))
    body = prefix + draw(
        st.text("0123456789", min_size=length - 1 - len(prefix), max_size=length - 1 - len(prefix))
    )
    return body + check_digit(body)


@st.composite
def spaced(draw: st.DrawFn, number: str) -> str:
    """Return the number with spaces and dashes between some of its digits."""
    gaps = draw(st.lists(st.sampled_from(["", "", " ", "-", " - "]), min_size=len(number) - 1))
    return "".join(d + g for d, g in zip(number, [*gaps, ""], strict=False)) or number


KEY = TokenKey(bytes(32))
CARD = "4111111111111111"
TOKEN = KEY.token(CARD)


def scrubbed(record: object) -> object:
    return json.loads(scrub_json(json.dumps(record).encode(), KEY))


def test_identifiers_become_tokens_and_everything_else_is_removed() -> None:
    record = dict.fromkeys(sorted(IDENTIFIER_FIELDS), CARD) | {"description": f"by {CARD}"}
    assert scrubbed(record) == {
        **dict.fromkeys(sorted(IDENTIFIER_FIELDS), TOKEN),
        "description": "by [removed]",
    }


def test_goods_orders_and_keys_keep_their_digits() -> None:
    record = {"sku": CARD, "serial": f"SN {CARD}", "order_id": CARD, "transaction_id": CARD}
    assert scrubbed(record) == record
    assert scrubbed({"lines": [{"sku": "4006381333931"}]}) == {"lines": [{"sku": "4006381333931"}]}


def test_the_same_card_is_the_same_token_however_it_is_spaced() -> None:
    assert scrubbed({"card_token": "4111-1111 1111-1111"}) == {"card_token": TOKEN}


def test_numbers_outside_strings_leave_json_behind() -> None:
    assert scrubbed({"pan": int(CARD), "card_token": int(CARD)}) == {
        "pan": "[removed]",
        "card_token": TOKEN,
    }


def test_a_number_as_the_name_of_a_field_is_removed() -> None:
    assert scrubbed({CARD: 1}) == {"[removed]": 1}


def test_a_list_after_an_exempt_field_is_not_exempt() -> None:
    assert scrubbed({"a": [{"sku": "1"}, CARD]}) == {"a": [{"sku": "1"}, "[removed]"]}


def test_json_within_a_string_hides_nothing() -> None:
    inner = json.dumps({"card_token": CARD, "sku": CARD})
    assert CARD not in str(scrubbed({"payload": inner}))


@pytest.mark.parametrize(
    "written",
    [
        "\\u0034111111111111111",
        "4111\\u00201111\\u002D1111\\u00a01111",
        "\\uff14111111111111111",
    ],
)
def test_escaped_digits_are_seen_through(written: str) -> None:
    raw = f'{{"customer_id":"{written}","b":"\\u00e4"}}'.encode()
    assert json.loads(scrub_json(raw, KEY)) == {"customer_id": TOKEN, "b": "ä"}


@pytest.mark.parametrize(
    "before", ['"', "\\", "\t", "\u2122", "\U0001f600", "a", "\ud800", "\u0000"]
)
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_code_before_a_number_does_not_hide_it(before: str, depth: int) -> None:
    """In \\u21224111 the digits of the code are none of the number's."""
    coded = '"' + "".join(f"\\u{unit:04x}" for unit in _units(before + CARD)) + '"'
    for written in (coded, re.sub(r"\\u003(\d)", r"\1", coded)):
        nested = written
        for _ in range(depth - 1):
            nested = json.dumps(nested)
        clean = scrub_json(b'{"note":' + nested.encode() + b"}", KEY)
        said = json.loads(clean)["note"]
        for _ in range(depth - 1):
            said = json.loads(said)
        assert said[:-9].startswith(before[:1]) or before in "\t\ud800\U0001f600\u0000"
        assert said.endswith("[removed]")


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]


def test_typographic_spaces_dashes_and_wide_digits_are_seen_through() -> None:
    raw = json.dumps({"note": "４111–1111\u00a01111‑1111"}, ensure_ascii=False).encode()
    assert json.loads(scrub_json(raw, KEY)) == {"note": "[removed]"}


def test_lines_without_a_number_are_unchanged_to_the_byte() -> None:
    raw = '{"a":"\\u0034\\u0035 – ä","b":1}\n{"c":  2}\n'.encode()
    assert scrub_json(raw, KEY) == raw


def test_broken_json_xml_and_utf_16_are_scrubbed_as_text() -> None:
    assert scrub_text(f'{{"card_token":"{CARD}'.encode(), KEY).endswith(TOKEN.encode())
    assert scrub_text(f"<Pan>{CARD}</Pan>".encode(), KEY) == b"<Pan>[removed]</Pan>"
    assert scrub_text(b"<Pan>&#52;111&#x31;11111111111</Pan>", KEY) == b"<Pan>[removed]</Pan>"
    assert CARD.encode() not in scrub_text(CARD.encode("utf-16"), KEY).replace(b"\0", b"")


def test_where_quotes_pair_with_the_wrong_ones_no_field_is_exempt() -> None:
    raw = f'{{"transaction_id":"T1","type"on_id":"x","sku":" {CARD} ","a{CARD}"}}'.encode()
    assert scrub_json(raw, KEY).count(b"[removed]") == 2


def test_a_single_value_is_scrubbed_by_the_name_of_its_field() -> None:
    assert scrub_value("customer_id", CARD, KEY) == TOKEN
    assert scrub_value("sku", CARD, KEY) == CARD
    assert scrub_value("reason", f"({CARD})", KEY) == "([removed])"


def _disguised(number: str, style: int) -> bytes:
    """Return the number in a JSON line: plain, bare, escaped, nested or as part of a text."""
    record: object = {"note": number}
    if style == 1:
        record = {"pan": int(number.replace(" ", "").replace("-", ""))}
    if style == 2:
        escaped = "".join(f"\\u{ord(c):04x}" for c in number)
        return f'{{"note":"{escaped}"}}'.encode()
    if style == 3:
        record = {"note": json.dumps({"deep": json.dumps({"card": number})})}
    if style == 4:
        record = {"lines": [{"sku": "4006381333931", "reason": f"x{number}y"}]}
    if style == 5:
        record = {"card_token": number, "tenders": [[{"gift_card_id": number}]]}
    return json.dumps(record).encode()


def _assert_gone(numbers: list[str], clean: bytes) -> None:
    for number, line in zip(numbers, clean.split(b"\n"), strict=True):
        said = json.dumps(json.loads(line), ensure_ascii=False)
        assert number not in "".join(c for c in said if c.isdigit() or c.isalpha())
        assert find(line).size == 0


def test_ten_thousand_disguised_card_numbers_are_all_gone() -> None:
    draw = random.Random(20_111)
    numbers, lines = [], []
    for count in range(10_000):
        prefix = draw.choice(PREFIXES)
        body = prefix + "".join(draw.choices("0123456789", k=draw.randint(12, 18) - len(prefix)))
        numbers.append(body + check_digit(body))
        gaps = [*draw.choices(["", "", " ", "-", " - "], k=len(body)), ""]
        written = "".join(digit + gap for digit, gap in zip(numbers[-1], gaps, strict=True))
        lines.append(_disguised(written, count % 6))
    _assert_gone(numbers, scrub_json(b"\n".join(lines), KEY))


@settings(max_examples=150, deadline=None)
@given(st.data(), card_numbers(), st.integers(0, 5))
def test_no_card_number_survives_any_disguise(data: st.DataObject, number: str, style: int) -> None:
    line = _disguised(data.draw(spaced(number)), style)
    _assert_gone([number], scrub_json(line, KEY))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_scrubbing_twice_changes_nothing_more(raw: bytes) -> None:
    once = scrub_text(raw, KEY)
    assert scrub_text(once, KEY) == once


@settings(max_examples=100, deadline=None)
@given(card_numbers())
def test_a_token_never_looks_like_a_card(number: str) -> None:
    assert find(str(scrubbed({"card_token": number})).encode()).size == 0


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "backslashes": lambda size: b'{"a":"' + b"\\" * size,
    "digits and spaces": lambda size: b"4 " * (size // 2),
    "one long number": lambda size: b"4" * size,
    "quotes after a card": lambda size: b'{"a":4111111111111111' + b'"' * size,
    "escapes": lambda size: b'{"a":"' + b"\\u0034" * (size // 6),
    "open brackets": lambda size: b"[" * size + b"4111111111111111",
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_sixteen_times_the_hostile_bytes_take_less_than_half_of_its_square(
    hostile: Callable[[int], bytes], growth: Growth
) -> None:
    few, many = hostile(30_000), hostile(480_000)
    assert growth(lambda raw: scrub_text(raw, KEY), few, many) < 128
