"""Reads the tables beside the till: stores, operators, items, shifts, counts, labels and the rest.

Bad rows are rejected one by one, the rest is loaded. Money becomes minor units of its currency,
local times become UTC by the zone of their store.
"""

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import polars as pl
import xxhash

from shrinkwatch.intake import parse
from shrinkwatch.intake.cells import ROW, Sheet, read_sheet
from shrinkwatch.intake.check import is_zone
from shrinkwatch.intake.headers import REQUIRED, contract_names
from shrinkwatch.intake.mapped import moves_sheet
from shrinkwatch.intake.mapping import Mapping
from shrinkwatch.intake.opening import open_plain
from shrinkwatch.intake.refusal import refuse
from shrinkwatch.intake.scrub import scrub_value
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.money import PRICE_DECIMALS, is_currency, minor_decimals
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.tables import TABLE_COLUMNS, TABLE_KEYS, TableKind

ALLOWED: dict[str, tuple[str, ...]] = {
    "registers.lane_type": ("staffed", "self_checkout", "service", "mobile", "kiosk"),
    "stock_moves.kind": (
        "receive",
        "transfer_in",
        "transfer_out",
        "sale",
        "return",
        "adjust",
        "write_off",
        "waste",
    ),
    "labels.outcome": (
        "theft",
        "policy_breach",
        "error",
        "training_need",
        "legitimate",
        "unknown",
    ),
}
"""The words that these columns may hold."""

_CURES = {
    "at": ": give the store's time zone, or an offset",
    "time_zone": ": write an IANA name, as Europe/London",
    "currency": ": write an ISO 4217 code, as EUR",
}
"""What to do about a value that cannot be."""

_OPEN_KINDS = ("stores", "store_days")
"""Tables whose further numeric columns are kept under their own names."""


class StorePlaces(Protocol):
    """What is known of the stores when a table is read: zones and currencies by store id.

    time_zone, currency: for stores that are not among them, and for rows without a store.
    """

    @property
    def zones(self) -> Dict[str, str]: ...  # noqa: D102

    @property
    def currencies(self) -> Dict[str, str]: ...  # noqa: D102

    @property
    def time_zone(self) -> str | None: ...  # noqa: D102

    @property
    def currency(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Nothing is known of any store: times need an offset, amounts have two decimals."""

    zones: Dict[str, str] = field(default_factory=dict)
    currencies: Dict[str, str] = field(default_factory=dict)
    time_zone: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table as read: `frame` has the columns of TABLE_COLUMNS[kind], in UTC and minor units.

    unknown_fields: columns that the contract does not know, with the number of filled cells.
    """

    kind: TableKind
    frame: pl.DataFrame
    rejects: list[Rejected]
    unknown_fields: dict[str, int]


def read_table(
    path: Path,
    kind: TableKind,
    key: TokenKey,
    places: StorePlaces | None = None,
    *,
    mapping: Mapping | None = None,
) -> ReadTable:
    """Return the rows of a CSV or Parquet file (plain, .gz, .zst) as this kind of table.

    mapping: one that has a [stock_moves] section, for kind "stock_moves" of a foreign file.
    A row without a required value, or with a value that is none, is rejected alone. A file that
    breaks off keeps what came before.
    """
    with open_plain(path) as stream:
        raw, damage = stream.read(), stream.damage
    sheet = read_sheet(raw) if mapping is None else moves_sheet(raw, mapping)
    if damage is not None:
        sheet.broken.append((0, b"", f"the file breaks off ({damage}); ask for it again"))
    return table_of(sheet, kind, key, places or Nowhere(), path.name)


def table_of(
    sheet: Sheet, kind: TableKind, key: TokenKey, places: StorePlaces, file: str
) -> ReadTable:
    """Return a sheet of texts as this kind of table; as `read_table`."""
    names = contract_names(sheet.frame.columns)
    texts = _scrubbed(sheet.frame.rename(names), key)
    rejects = [
        refuse("bad_row", sentence, raw, key, file=file, place=row)
        for row, raw, sentence in sheet.broken
    ]
    missing = [name for name in REQUIRED[kind] if name not in texts.columns]
    if missing:
        sentence = f"this {kind} table has no column {', '.join(missing)}: rename or add it"
        rejects.append(refuse("missing_column", sentence, _header(sheet), key, file=file, place=1))
        return ReadTable(kind, _typed(texts.clear(), kind, places)[0], rejects, {})
    frame, wrong = _typed(texts, kind, places)
    bad = wrong.filter(pl.col("wrong").is_not_null())
    for row, sentence in bad.select(ROW, "wrong").iter_rows():
        raw = _row_bytes(sheet.frame, row)
        rejects.append(refuse("bad_row", sentence, raw, key, file=file, place=row))
    frame = frame.filter(wrong["wrong"].is_null())
    return ReadTable(
        kind,
        _with_row_ids(frame, texts.filter(wrong["wrong"].is_null()), kind),
        rejects,
        _unknown(texts, kind),
    )


def _header(sheet: Sheet) -> bytes:
    return (sheet.separator or ",").join(c for c in sheet.frame.columns if c != ROW).encode()


def _row_bytes(frame: pl.DataFrame, row: int) -> bytes:
    line = frame.filter(pl.col(ROW) == row).drop(ROW)
    return line.write_csv(include_header=False).strip().encode()


def _scrubbed(frame: pl.DataFrame, key: TokenKey) -> pl.DataFrame:
    """Return the texts without card numbers; few cells have 13 digits, and only those are read."""
    suspects = {
        name: frame[name].str.contains(r"(?:\d[^\d,.:]{0,3}){12}\d")
        for name in frame.columns
        if name != ROW
    }
    for name, suspect in suspects.items():
        if suspect.any():
            clean = [None if v is None else scrub_value(name, v, key) for v in frame[name]]
            frame = frame.with_columns(pl.Series(name, clean, dtype=pl.String))
    return frame


def _typed(
    texts: pl.DataFrame, kind: TableKind, places: StorePlaces
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the typed columns, and per row its number and the first thing that is wrong."""
    rows = _Rows(texts, kind, places)
    columns = {name: rows.column(name) for name in TABLE_COLUMNS[kind]}
    if kind in _OPEN_KINDS:
        columns |= {name: rows.number(name) for name in _numeric_columns(texts, kind)}
    frame = pl.DataFrame(columns)
    if kind == "labels":
        frame = _of_transactions(frame)
        rows.complain_without_subject(frame)
    complaints = pl.DataFrame({"wrong": pl.Series(rows.wrong(), dtype=pl.String)})
    return frame, complaints.with_columns(texts[ROW])


def _of_transactions(labels: pl.DataFrame) -> pl.DataFrame:
    """Return labels in which a transaction's store is told apart from a subject's."""
    names_one = pl.col("transaction_id").is_not_null() | pl.col("sequence").is_not_null()
    names_one &= pl.col("subject_id").is_null() & pl.col("alert_id").is_null()
    own = pl.coalesce("transaction_store_id", pl.when(names_one).then(pl.col("store_id")))
    return labels.with_columns(transaction_store_id=own)


def _numeric_columns(texts: pl.DataFrame, kind: TableKind) -> list[str]:
    """Return the further columns of which every filled cell is a number."""
    return [
        name
        for name in texts.columns
        if name not in TABLE_COLUMNS[kind]
        and name != ROW
        and (filled := texts[name].drop_nulls()).len()
        and parse.number(filled).null_count() == 0
    ]


def _unknown(texts: pl.DataFrame, kind: TableKind) -> dict[str, int]:
    known = {name.removesuffix("_minor") for name in TABLE_COLUMNS[kind]} | {ROW}
    known |= set(_numeric_columns(texts, kind)) if kind in _OPEN_KINDS else set()
    return {n: texts.height - texts[n].null_count() for n in texts.columns if n not in known}


def _with_row_ids(frame: pl.DataFrame, texts: pl.DataFrame, kind: TableKind) -> pl.DataFrame:
    """Return the table with a row_id on every row: without one, its content and occurrence."""
    if TABLE_KEYS[kind] != ("row_id",) or frame["row_id"].null_count() == 0:
        return frame
    names = [n.removesuffix("_minor") for n in TABLE_COLUMNS[kind]]
    cells = [pl.col(n).fill_null("") for n in names if n in texts.columns]
    content = texts.select(pl.concat_str(cells, separator="\x1f").alias("content"))
    occurrence = pl.int_range(pl.len()).over("content").cast(pl.String)
    marks = content.select(pl.col("content") + "\x1f" + occurrence).to_series()
    ids = [xxhash.xxh3_128_hexdigest(mark.encode()) for mark in marks]
    return frame.with_columns(pl.col("row_id").fill_null(pl.Series(ids, dtype=pl.String)))


def _only(texts: pl.Series, allowed: Sequence[str]) -> pl.Series:
    return texts.set(~texts.is_in(allowed).fill_null(value=False), None)


class _Rows:
    """The texts of a table on their way to typed columns, and what was wrong with each row."""

    def __init__(self, texts: pl.DataFrame, kind: TableKind, places: StorePlaces) -> None:
        self._texts = texts
        self._kind = kind
        self._places = places
        self._wrong = [pl.Series([None] * texts.height, dtype=pl.String)]
        self._stores = self._text("store_id")
        if kind == "labels":
            self._stores = self._stores.fill_null(self._text("transaction_store_id"))

    def wrong(self) -> pl.Series:
        """Return per row the first complaint, null where there is none."""
        first = self._wrong[0]
        for series in self._wrong[1:]:
            first = first.fill_null(series)
        return first

    def column(self, name: str) -> pl.Series:
        """Return a column of the table in its type; cells that do not fit are complained of."""
        wanted = TABLE_COLUMNS[self._kind][name]
        written = name.removesuffix("_minor")
        texts = self._text(written)
        if name.endswith("_minor"):
            value = parse.scaled(texts, self._decimals())
        elif name in ("unit_cost", "list_price"):
            value = parse.scaled(texts, PRICE_DECIMALS)
        elif wanted == pl.String:
            value = self._word(name, texts)
        else:
            value = self._other(texts, wanted)
        self._complain(written, texts, value)
        if wanted == pl.Boolean:
            value = value.fill_null(value=False)
        return value.alias(name).cast(wanted)

    def complain_without_subject(self, labels: pl.DataFrame) -> None:
        """Complain of labels that say neither an alert, a transaction nor a subject."""
        key = pl.col("transaction_id").is_not_null()
        key |= pl.all_horizontal(pl.col("register_id", "sequence").is_not_null())
        key &= pl.col("transaction_store_id").is_not_null()
        subject = pl.all_horizontal(pl.col("subject_type", "subject_id").is_not_null())
        said = pl.col("alert_id").is_not_null() | key | subject
        bad = labels.select((~said).alias("bad")).to_series()
        self._note(bad, pl.lit("it names no alert_id, no transaction's key and no subject"))

    def number(self, name: str) -> pl.Series:
        """Return a further column as Float64."""
        return parse.number(self._texts[name]).alias(name)

    def _text(self, name: str) -> pl.Series:
        if name in self._texts.columns:
            return self._texts[name]
        return pl.Series(name, [None] * self._texts.height, dtype=pl.String)

    def _word(self, name: str, texts: pl.Series) -> pl.Series:
        if name in ("currency", "time_zone"):
            is_known = is_currency if name == "currency" else is_zone
            return _only(texts, [text for text in texts.drop_nulls().unique() if is_known(text)])
        allowed = ALLOWED.get(f"{self._kind}.{name}")
        if allowed is None:
            return texts
        return _only(texts.str.to_lowercase().str.replace_all(r"[\s-]+", "_"), allowed)

    def _other(self, texts: pl.Series, wanted: object) -> pl.Series:
        if wanted == pl.Int64:
            return parse.whole(texts)
        if wanted == pl.Float64:
            return parse.number(texts)
        if wanted == pl.Boolean:
            return parse.yes_no(texts)
        if wanted == pl.Date:
            return parse.day(texts)
        if wanted == pl.Time:
            return parse.time_of_day(texts)
        return parse.aware_time(texts).fill_null(
            parse.in_zone(parse.local_time(texts), self._zones())
        )

    def _zones(self) -> pl.Series:
        zones = self._of_store(self._places.zones, self._places.time_zone)
        return _only(zones, [zone for zone in zones.drop_nulls().unique() if is_zone(zone)])

    def _decimals(self) -> pl.Series:
        codes = self._text("currency").fill_null(
            self._of_store(self._places.currencies, self._places.currency)
        )
        decimals = {code: minor_decimals(code) for code in codes.drop_nulls().unique()}
        return codes.replace_strict(decimals, default=2, return_dtype=pl.Int64)

    def _of_store(self, known: Dict[str, str], otherwise: str | None) -> pl.Series:
        return self._stores.replace_strict(dict(known), default=otherwise, return_dtype=pl.String)

    def _complain(self, name: str, texts: pl.Series, value: pl.Series) -> None:
        if name in REQUIRED[self._kind]:
            self._note(texts.is_null(), pl.lit(f"{name} is missing"))
        cannot = pl.lit(f"{name} cannot be ") + pl.col("text").str.slice(0, 60)
        is_time = isinstance(value.dtype, pl.Datetime)
        cure = pl.lit(_CURES["at" if is_time else name] if is_time or name in _CURES else "")
        self._note(value.is_null() & texts.is_not_null(), cannot + cure, texts)

    def _note(self, bad: pl.Series, sentence: pl.Expr, texts: pl.Series | None = None) -> None:
        frame = pl.DataFrame({"bad": bad, "text": bad.cast(pl.String) if texts is None else texts})
        self._wrong.append(frame.select(pl.when(pl.col("bad")).then(sentence)).to_series())
