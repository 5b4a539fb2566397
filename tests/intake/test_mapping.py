from pathlib import Path

import pytest

from shrinkwatch.intake.mapping import BadMapping, load_mapping, parse_mapping, shipped

MAPPING = """
receipt = ["no"]
[transaction]
transaction_id = { column = "no" }
currency = { value = "EUR" }
[line]
sku = { column = "article" }
extended = { column = "amount" }
"""


def test_a_mapping_is_read_with_its_defaults() -> None:
    mapping = parse_mapping(MAPPING, "m")
    assert (mapping.currency, mapping.file.decimal, mapping.skip) == ("EUR", ".", ())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("receipt", "reciept"), "reciept"),
        (("sku =", "colour ="), "colour"),
        (('{ column = "article" }', '{ column = "a", sql = "b" }'), "exactly one"),
        (('{ column = "article" }', "{ }"), "exactly one"),
        (('["no"]', "[]"), "no column"),
        (('["no"]', '["no"]\ntime_zone = "Mars"'), "Mars"),
        (("[line]", "[line"), "line"),
        (("extended = ", "weight = "), "extended or list_price"),
    ],
)
def test_a_wrong_entry_is_named(change: tuple[str, str], named: str) -> None:
    with pytest.raises(BadMapping, match=named):
        parse_mapping(MAPPING.replace(*change), "m")


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_mapping_can_be_used_by_its_name(name: str) -> None:
    assert load_mapping(Path(name)).about
    assert load_mapping(Path(f"{name}.toml")) == load_mapping(Path(name))


def test_a_mapping_that_is_nowhere_is_refused_with_the_names_that_are() -> None:
    with pytest.raises(BadMapping, match="coffee_shop, online_retail"):
        load_mapping(Path("nowhere"))
