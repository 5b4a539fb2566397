"""Puts the rows of a mapped table together to receipts in the contract's fields."""

from typing import Final

import polars as pl

from shrinkwatch.intake import parse
from shrinkwatch.intake.cells import ROW
from shrinkwatch.intake.mapped import MappedSheet, field_kinds, json_value
from shrinkwatch.intake.mapping import Origin
from shrinkwatch.records.transaction import Line, Tender, Transaction

ORIGINAL: Final = "original rows"
"""The column with the rows that a receipt was made of, as they came."""

_RECEIPT: Final = "receipt"
_KINDS: Final = {
    "transaction": field_kinds(Transaction),
    "line": field_kinds(Line),
    "tender": field_kinds(Tender),
}


def receipts_of(mapped: MappedSheet, separator: str) -> pl.DataFrame:
    """Return one row per receipt: the contract's fields, ROW of its first row, and ORIGINAL.

    Fields that the mapping does not give are worked out where they follow from the rest:
    extended, list_price, line, kind, net and type.
    separator: what parts the cells in ORIGINAL.
    Raises: BadMapping when the mapping does not fit the file.
    """
    receipt = _receipts(mapped)
    lines = _lines(mapped, receipt)
    quantity = parse.number(lines["quantity"].cast(pl.String)).alias("quantity")
    live = pl.when(~pl.col("voided")).then(pl.col("extended").cast(pl.Float64, strict=False))
    rows = pl.DataFrame(
        [
            receipt,
            mapped.texts[ROW],
            _originals(mapped.texts, separator),
            lines.to_struct("lines"),
            quantity,
            lines.select(live.alias("extended")).to_series(),
            *_columns(mapped, "transaction"),
            *(s.alias(f"tender {s.name}") for s in _columns(mapped, "tender")),
        ]
    )
    receipts = rows.group_by(_RECEIPT, maintain_order=True).agg(
        pl.col(ROW).first(),
        pl.col(ORIGINAL).str.join("\n"),
        *_of_transaction(mapped),
        *_of_tender(mapped),
        pl.col("lines"),
        pl.col("extended").sum().round(4).alias("lines' sum"),
        (pl.col("quantity") < 0).all().alias("all back"),
        (pl.col("quantity") < 0).any().alias("some back"),
    )
    return _completed(receipts, has_tender=bool(mapped.mapping.tender))


def _receipts(mapped: MappedSheet) -> pl.Series:
    """Return for each row where its receipt begins; a row that lacks part of the key is alone."""
    keys = [
        mapped.text(Origin(column=name), "receipt").alias(f"key {number}")
        for number, name in enumerate(mapped.mapping.receipt)
    ]
    names = [key.name for key in keys]
    lacks = pl.any_horizontal(pl.col(name).is_null() for name in names)
    frame = pl.DataFrame(keys).with_row_index(_RECEIPT)
    frame = frame.with_columns(pl.when(lacks).then(pl.col(_RECEIPT)).alias(ROW))
    return frame.select(pl.col(_RECEIPT).first().over([*names, ROW])).to_series()


def _originals(texts: pl.DataFrame, separator: str) -> pl.Series:
    cells = [pl.col(name).fill_null("") for name in texts.columns if name != ROW]
    return texts.select(pl.concat_str(cells, separator=separator).alias(ORIGINAL)).to_series()


def _columns(mapped: MappedSheet, section: str) -> list[pl.Series]:
    """Return the values of a section of the mapping, one series per field, a value per row."""
    origins: dict[str, Origin] = getattr(mapped.mapping, section)
    return [
        _typed(mapped.text(origin, f"[{section}] {name}"), _KINDS[section][name], origin).alias(
            name
        )
        for name, origin in origins.items()
    ]


def _typed(texts: pl.Series, kind: str, origin: Origin) -> pl.Series:
    if origin.sum is not None:
        return parse.number(texts)
    if kind == "bool":
        return parse.yes_no(texts).fill_null(value=False)
    value = json_value(texts, kind, origin)
    if kind == "int" and value.str.contains(r"^-?\d+$").fill_null(value=True).all():
        return value.cast(pl.Int64)
    return value


def _lines(mapped: MappedSheet, receipt: pl.Series) -> pl.DataFrame:
    """Return the contract's fields of every row's line, in the order in which they are read."""
    given = {series.name: series for series in _columns(mapped, "line")}
    height = mapped.texts.height
    if "quantity" not in given:
        given["quantity"] = pl.Series("quantity", ["1"] * height, dtype=pl.String)
    changes, changed = _price_changes(mapped)
    given = _worked_out(given, changed)
    if "line" not in given:
        position = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(_RECEIPT)
        given["line"] = receipt.to_frame().select(position).to_series()
    if "voided" not in given:
        given["voided"] = pl.repeat(value=False, n=height, eager=True)
    if changes is not None:
        given["price_changes"] = changes
    ordered = [name for name in Line.__struct_fields__ if name in given]
    return pl.DataFrame({name: given[name] for name in ordered})


def _price_changes(mapped: MappedSheet) -> tuple[pl.Series | None, pl.Series]:
    """Return each line's list of price changes (None: the mapping has none), and their sums."""
    wanted = mapped.mapping.price_change
    amounts = [mapped.text(c.amount, f"[[price_change]] {c.type}") for c in wanted]
    numbers = [parse.number(amount) for amount in amounts]
    total = pl.Series("changes", [0.0] * mapped.texts.height)
    for number in numbers:
        total += number.fill_null(0.0)
    if not wanted:
        return None, total
    structs = []
    for change, amount, number in zip(wanted, amounts, numbers, strict=True):
        fields = {"type": pl.repeat(change.type, len(amount), eager=True), "amount": amount}
        if change.code is not None:
            fields["code"] = mapped.text(change.code, f"[[price_change]] {change.type} code")
        one = pl.DataFrame(fields).to_struct("one")
        is_none = (number.fill_null(0.0) == 0) & (number.is_not_null() | amount.is_null())
        structs.append(pl.DataFrame([one, is_none.alias("none")]))
    lists = pl.concat_list(
        pl.when(~frame["none"]).then(frame["one"]) for frame in structs
    ).list.drop_nulls()
    return pl.select(lists.alias("price_changes")).to_series(), total


def _worked_out(given: dict[str, pl.Series], changed: pl.Series) -> dict[str, pl.Series]:
    """Return the fields with extended or list_price from the other, and kind from the sign."""
    found = dict(given)
    quantity = parse.number(given["quantity"])
    if "extended" not in given and "list_price" in given:
        value = quantity * parse.number(given["list_price"]) + changed
        found["extended"] = value.round(4)
    if "list_price" not in given and "extended" in given:
        value = (parse.number(given["extended"]) - changed) / quantity
        found["list_price"] = value.set(~value.is_finite(), 0.0).round(4)
    if "kind" not in given:
        kinds = pl.DataFrame({"back": quantity < 0}).select(
            pl.when("back").then(pl.lit("return")).otherwise(pl.lit("item"))
        )
        found["kind"] = kinds.to_series()
    return found


def _of_transaction(mapped: MappedSheet) -> list[pl.Expr]:
    """Return how each transaction field comes from the rows: the first known, or the sum."""
    return [
        pl.col(name).drop_nulls().first() if origin.sum is None else pl.col(name).sum().round(4)
        for name, origin in mapped.mapping.transaction.items()
    ]


def _of_tender(mapped: MappedSheet) -> list[pl.Expr]:
    names = [f"tender {name}" for name in mapped.mapping.tender]
    return [pl.col(name).drop_nulls().first() for name in names]


def _completed(receipts: pl.DataFrame, *, has_tender: bool) -> pl.DataFrame:
    """Return the receipts with net, type and tenders in place, and nothing that helped."""
    if "net" not in receipts.columns:
        receipts = receipts.with_columns(pl.col("lines' sum").alias("net"))
    if "type" not in receipts.columns:
        back = pl.when("all back").then(pl.lit("return"))
        kind = back.when("some back").then(pl.lit("exchange")).otherwise(pl.lit("sale"))
        receipts = receipts.with_columns(kind.alias("type"))
    if has_tender:
        receipts = receipts.with_columns(_tenders(receipts))
    helpers = [name for name in receipts.columns if name.startswith("tender ")]
    return receipts.drop(_RECEIPT, "lines' sum", "all back", "some back", *helpers)


def _tenders(receipts: pl.DataFrame) -> pl.Expr:
    names = [name for name in receipts.columns if name.startswith("tender ")]
    fields = [pl.col(name).alias(name.removeprefix("tender ")) for name in names]
    if "tender amount" not in names:
        fields.append(pl.col("net").alias("amount"))
    return pl.concat_list(pl.struct(fields)).alias("tenders")
