"""Fetches the values that a mapping asks for from a sheet of texts, a column at a time."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass

import msgspec
import polars as pl

from shrinkwatch.intake import parse
from shrinkwatch.intake.cells import ROW, Sheet, read_sheet
from shrinkwatch.intake.mapping import BadMapping, Mapping, Origin

_ISO_OUT = "%Y-%m-%dT%H:%M:%S%.6f"


@dataclass(frozen=True, slots=True)
class MappedSheet:
    """A sheet made ready for a mapping.

    texts: the cells; those of number columns with a decimal point and without currency signs.
    typed: the same rows, in which the number columns are numbers: what SQL sees.
    """

    texts: pl.DataFrame
    typed: pl.DataFrame
    mapping: Mapping

    def where(self, sql: str, entry: str) -> pl.Series:
        """Return for each row whether the condition holds; unknown is no.

        entry: where the condition stands in the mapping, for messages.
        Raises: BadMapping when it is no condition over the file's columns.
        """
        held = self._sql(sql, entry)
        if held.dtype != pl.Boolean:
            raise BadMapping(f"{entry}: `{sql}` is no condition; it gives {held.dtype}")
        return held.fill_null(value=False)

    def keep(self, rows: pl.Series) -> "MappedSheet":
        """Return the sheet with only these rows (a Boolean per row)."""
        return MappedSheet(self.texts.filter(rows), self.typed.filter(rows), self.mapping)

    def text(self, origin: Origin, entry: str) -> pl.Series:
        """Return the value as texts, one per row; null where it is not known.

        Raises: BadMapping when the file has no such column, or the SQL does not work.
        """
        if origin.value is not None:
            text = _constant(origin.value)
            return pl.Series(entry, [text] * self.texts.height, dtype=pl.String)
        if origin.sql is not None:
            value = _as_text(self._sql(origin.sql, entry))
        else:
            value = self._column(origin.column or origin.sum or "", entry)
        if origin.whole:
            value = value.str.replace(r"^(-?\d+)\.0+$", "$1")
        if origin.empty:
            value = value.set(value.is_in(origin.empty).fill_null(value=False), None)
        return value.alias(entry)

    def _column(self, name: str, entry: str) -> pl.Series:
        if name not in self.texts.columns:
            raise BadMapping(
                f"{entry}: the file has no column {name!r}; it has "
                f"{', '.join(c for c in self.texts.columns if c != ROW)}"
            )
        return self.texts[name]

    def _sql(self, sql: str, entry: str) -> pl.Series:
        try:
            frame = self.typed.select(pl.sql_expr(sql).alias("value"))
        except pl.exceptions.PolarsError as error:
            reason = str(error).splitlines()[0]
            raise BadMapping(f"{entry}: `{sql}` cannot be computed: {reason}") from error
        if frame.height == 1 and self.typed.height != 1:
            frame = pl.concat([frame] * self.typed.height) if self.typed.height else frame.clear()
        return frame.to_series()


def mapped_sheet(raw: bytes, mapping: Mapping) -> tuple[MappedSheet, Sheet]:
    """Return the file's cells made ready for the mapping, and the sheet as it was read."""
    layout = mapping.file
    sheet = read_sheet(raw, separator=layout.separator, encoding=layout.encoding)
    return mapped_rows(sheet.frame, mapping), sheet


def mapped_rows(texts: pl.DataFrame, mapping: Mapping) -> MappedSheet:
    """Return these rows of a sheet made ready for the mapping."""
    layout = mapping.file
    if layout.empty:
        names = [name for name in texts.columns if name != ROW]
        texts = texts.with_columns(
            pl.when(~pl.col(name).is_in(layout.empty)).then(pl.col(name)).alias(name)
            for name in names
        )
    numbers = [name for name in layout.numbers if name in texts.columns]
    texts = texts.with_columns(parse.plain_number(texts[name], layout.decimal) for name in numbers)
    typed = texts.with_columns(pl.col(name).cast(pl.Float64, strict=False) for name in numbers)
    return MappedSheet(texts, typed, mapping)


def moves_sheet(raw: bytes, mapping: Mapping) -> Sheet:
    """Return the rows that the mapping says are stock moves, under the contract's column names.

    Raises: BadMapping when the mapping has no [stock_moves], or it does not fit the file.
    """
    if mapping.stock_moves is None:
        raise BadMapping("the mapping has no [stock_moves] section, and says nothing of stock")
    mapped, sheet = mapped_sheet(raw, mapping)
    mapped = mapped.keep(mapped.where(mapping.stock_moves.when, "[stock_moves] when"))
    columns = []
    for name, origin in mapping.stock_moves.fields.items():
        texts = mapped.text(origin, f"[stock_moves.fields] {name}")
        columns.append(json_value(texts, "time" if name == "at" else "text", origin).alias(name))
    return Sheet(pl.DataFrame([*columns, mapped.texts[ROW]]), sheet.separator, sheet.broken)


def json_value(texts: pl.Series, kind: str, origin: Origin) -> pl.Series:
    """Return texts as what the contract's JSON holds; a text that does not fit stays as it is.

    kind: the field's kind as `field_kinds` tells it. What does not fit is for the reader to
    reject, with the text in the message.
    """
    if kind == "int":
        return parse.whole(texts).cast(pl.String).fill_null(texts)
    if kind == "time":
        local = parse.local_time(texts, origin.formats)
        return local.dt.strftime(_ISO_OUT).fill_null(parse.rfc3339(texts))
    if kind == "date":
        local = parse.local_time(texts, origin.formats)
        return local.dt.strftime("%Y-%m-%d").fill_null(texts)
    if kind == "word":
        return texts.str.to_lowercase().str.replace_all(r"[\s-]+", "_")
    return texts


def field_kinds(struct: type[msgspec.Struct]) -> Dict[str, str]:
    """Return field -> decimal, int, bool, time, date, word (one of a few) or text."""
    return {field.name: _kind(str(field.type)) for field in msgspec.structs.fields(struct)}


def _kind(annotation: str) -> str:
    for sign, kind in (
        ("Literal", "word"),
        ("Decimal", "decimal"),
        ("datetime.datetime", "time"),
        ("datetime.date", "date"),
        ("bool", "bool"),
        ("int", "int"),
    ):
        if sign in annotation:
            return kind
    return "text"


def _constant(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_text(value: pl.Series) -> pl.Series:
    """Return a computed column as texts; numbers are rounded to millionths."""
    if value.dtype.is_float():
        return value.round(6).cast(pl.String).str.replace(r"^(-?\d+)\.0$", "$1")
    if isinstance(value.dtype, pl.Datetime):
        return value.dt.strftime(_ISO_OUT)
    return value.cast(pl.String)
