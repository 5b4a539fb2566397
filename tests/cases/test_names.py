"""Pseudonyms: stable, keyed, and off only where settings allow."""

from shrinkwatch.cases.names import Names


def test_an_operator_is_a_pseudonym_by_default() -> None:
    said = Names(b"a key").of("operator", "104", "S07")
    assert said.startswith("operator ")
    assert "104" not in said


def test_another_key_gives_another_pseudonym() -> None:
    first, second = Names(b"a key"), Names(b"another key")
    assert first.of("customer", "9") != second.of("customer", "9")


def test_ids_show_where_settings_allow() -> None:
    assert Names(b"a key", show_ids=True).of("operator", "104", "S07") == "operator 104"


def test_things_keep_their_ids() -> None:
    assert Names(b"a key").of("sku", "4711") == "item 4711"
    assert Names(b"a key").of("register", "3", "S07") == "register 3"


def test_an_approver_is_the_same_person_as_that_operator() -> None:
    names = Names(b"a key")
    assert names.of("approver", "101", "S07") == names.of("operator", "101", "S07")


def test_four_letters_seldom_meet() -> None:
    names = Names(b"a key")
    given = {names.pseudonym("operator", str(number), "S07") for number in range(500)}
    assert len(given) >= 498  # 500 of 2^20: 0.12 collisions expected (birthday problem)
