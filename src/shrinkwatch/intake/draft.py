"""Drafts how an unknown table is to be read, and asks what no program can know."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from shrinkwatch.intake import parse
from shrinkwatch.intake.block import Block
from shrinkwatch.intake.cells import ROW, Sheet, read_sheet
from shrinkwatch.intake.contract_lines import read
from shrinkwatch.intake.formats.table import without_skipped
from shrinkwatch.intake.guess import (
    Columns,
    guess_columns,
    letters_of_returns,
    no_goods,
    restarts,
    share,
)
from shrinkwatch.intake.mapped import mapped_rows
from shrinkwatch.intake.mapping import parse_mapping, shipped, shipped_mapping
from shrinkwatch.intake.opening import open_plain
from shrinkwatch.intake.receipts import ORIGINAL, receipts_of
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.rejected import Rejected
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.records.trouble import Refused

SHOWN: Final = 10
_ROWS: Final = 50_000
_CHANGE_TYPES: Final = (
    ("coupon", "coupon"),
    ("employee", "employee"),
    ("staff", "employee"),
    ("manual", "manual_discount"),
    ("loyal", "loyalty"),
    ("member", "loyalty"),
    ("markdown", "markdown"),
)


class NoReceipts(Refused):
    """The file has no columns that could be receipts; the message says what is lacking."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A first mapping for a file, to be corrected by someone who knows it.

    toml: the mapping, with comments. receipts: ten as it understands them, returns among them.
    rejects: what of the first rows it could not read. questions: what the file does not say.
    """

    toml: str
    receipts: list[Transaction]
    rejects: list[Rejected]
    questions: tuple[str, ...]


def draft(path: Path, key: TokenKey) -> Draft:
    """Return a draft for a CSV or Parquet file (plain, .gz, .zst), judged by its first rows.

    Raises: NoReceipts when no column can be found that tells goods, or money.
    """
    sheet = _first_rows(path)
    texts = sheet.frame
    found = guess_columns(texts)
    if found.one("sku") is None and found.one("description") is None:
        raise NoReceipts(f"no column of {path.name} seems to name goods: {_listed(texts)}")
    if found.one("extended") is None and found.one("list_price") is None:
        raise NoReceipts(f"no column of {path.name} seems to hold prices: {_listed(texts)}")
    writer = _Writer(texts, found, path.name.split(".")[0], sheet.separator)
    toml = writer.write()
    receipts, rejects = _understood(texts, toml, path.name, key)
    return Draft(toml, receipts, rejects, (*_shipped_for(texts), *writer.questions))


def _shipped_for(texts: pl.DataFrame) -> list[str]:
    """Return a question for each shipped mapping that names only columns of this file."""
    return [
        f"The shipped mapping {name} fits this file's columns: is it that file? Then load it with "
        f"--mapping {name}."
        for name in shipped()
        if shipped_mapping(name).columns <= set(texts.columns)
    ]


def _first_rows(path: Path) -> Sheet:
    with open_plain(path) as stream:
        sheet = read_sheet(stream.read())
    return Sheet(sheet.frame.head(_ROWS), sheet.separator, sheet.broken)


def _listed(texts: pl.DataFrame) -> str:
    return ", ".join(name for name in texts.columns if name != ROW)


def _understood(
    texts: pl.DataFrame, toml: str, file: str, key: TokenKey
) -> tuple[list[Transaction], list[Rejected]]:
    """Return ten receipts, up to three returns among them, and what could not be read."""
    mapped, _ = without_skipped(mapped_rows(texts, parse_mapping(toml, file)))
    receipts = receipts_of(mapped, ",")
    block = Block(
        receipts.drop(ROW, ORIGINAL).write_ndjson().encode(),
        file,
        places=tuple(receipts[ROW]),
        originals=tuple(text.encode() for text in receipts[ORIGINAL]),
    )
    found = read(block, key)
    back = [t for t in found.transactions if t.type != "sale"][:3]
    sold = [t for t in found.transactions if t.type == "sale"][: SHOWN - len(back)]
    return sold + back, found.rejects


class _Writer:
    """Writes the mapping down and collects the questions on the way."""

    def __init__(
        self, texts: pl.DataFrame, found: Columns, name: str, separator: str | None
    ) -> None:
        self.questions: list[str] = []
        self._texts = texts
        self._found = found
        self._name = name
        self._separator = separator

    def write(self) -> str:
        """Return the whole mapping as TOML."""
        transaction = self._transaction()
        receipt = self._receipt()
        sections = [
            f"# A draft of how {_text(self._name)} is to be read; lines with ? are guesses.",
            f"receipt = [{', '.join(_text(c) for c in receipt)}]",
            *self._zone(),
            "",
            *self._file(),
            "",
            "[transaction]",
            *transaction,
            "",
            "[line]",
            *self._line(),
            *self._changes(),
            *self._tender(),
            *self._skips(),
        ]
        return "\n".join(sections) + "\n"

    def _zone(self) -> list[str]:
        column = self._found.one("ended_at")
        if column is not None and parse.aware_time(self._texts[column].head(100)).null_count() == 0:
            return []
        self.questions.append(
            "In which time zone did the clocks of the tills stand? Write it as Europe/London."
        )
        return ['# time_zone = "Europe/London"  # ? whose clock is it']

    def _file(self) -> list[str]:
        numbers = [c for f in _NUMBERS for c in self._found.fields.get(f, [])]
        lines = ["[file]", f"numbers = [{', '.join(_text(c) for c in numbers)}]"]
        if self._separator not in (None, ","):
            lines.append(f"separator = {_text(self._separator or ',')}")
        if self._found.decimal == ",":
            lines.append('decimal = ","')
        return lines

    def _receipt(self) -> list[str]:
        """Return the columns that tell one receipt from another."""
        found = self._found
        identifier = found.one("transaction_id")
        parts = [c for c in (found.one("store_id"), found.one("ended_at")) if c is not None]
        if identifier is None:
            self.questions.append("No column numbers the receipts: which rows belong together?")
            extra = [found.one("clock"), found.one("register_id"), found.one("customer_id")]
            return parts + [c for c in extra if c is not None]
        return [*(c for c in parts if self._tells_apart(identifier, c)), identifier]

    def _tells_apart(self, identifier: str, column: str) -> bool:
        if column == self._found.one("ended_at"):
            days = self._texts.with_columns(pl.col(column).str.extract(r"^([^ T]+)"))
            return restarts(days, identifier, column)
        return restarts(self._texts, identifier, column)

    def _transaction(self) -> list[str]:
        found = self._found
        lines = [f"source = {{ value = {_text(self._name)} }}"]
        for field in ("store_id", "register_id", "operator_id", "customer_id", "loyalty_id"):
            column = found.one(field)
            if column is not None:
                lines.append(f"{field} = {self._identifier(column)}")
        if found.one("store_id") is None:
            lines.append('store_id = { value = "1" }  # ? the file names no store')
            self.questions.append("The file names no store: what is this one called?")
        lines.append(f"transaction_id = {self._transaction_id()}")
        lines.append(self._time())
        lines.append(self._currency())
        lines += self._type()
        return lines

    def _identifier(self, column: str) -> str:
        filled = self._texts[column].drop_nulls()
        whole = share(filled.str.contains(r"^\d+\.0$")) > 0.9
        empty = ', empty = ["0"]' if share(filled == "0") > 0.2 else ""
        if empty:
            self.questions.append(f"{column} is often 0: does that mean that nobody is named?")
        return f"{{ column = {_text(column)}{', whole = true' if whole else ''}{empty} }}"

    def _transaction_id(self) -> str:
        parts = [c for c in self._receipt_quietly() if c != self._found.one("store_id")]
        if len(parts) == 1:
            return self._identifier(parts[0])
        joined = " || ' ' || ".join(_quoted(c) for c in parts)
        return f"{{ sql = {_text(joined)} }}  # ? the numbers begin anew"

    def _receipt_quietly(self) -> list[str]:
        asked = list(self.questions)
        parts = self._receipt()
        self.questions = asked
        return parts

    def _time(self) -> str:
        day, clock = self._found.one("ended_at"), self._found.one("clock")
        if day is None:
            self.questions.append(
                "No column seems to hold the time: when did each sale end? Without it no receipt "
                "can be read."
            )
            return '# ended_at = { column = "…", formats = ["%d.%m.%Y %H:%M"] }  # ? no time found'
        if self._found.day_first_unsure:
            self.questions.append(f"{day}: does the day or the month stand first?")
        if not self._found.formats:
            return f"ended_at = {_column(day)}"
        formats = ", ".join(_text(pattern) for pattern in self._found.formats)
        if clock is None:
            return f"ended_at = {{ column = {_text(day)}, formats = [{formats}] }}"
        joined = f"{_quoted(day)} || ' ' || {_quoted(clock)}"
        return f"ended_at = {{ sql = {_text(joined)}, formats = [{formats}] }}"

    def _currency(self) -> str:
        column = self._found.one("currency")
        if column is not None:
            return f"currency = {{ column = {_text(column)} }}"
        self.questions.append("In which currency are the amounts? Write its code, as EUR.")
        return '# currency = { value = "EUR" }  # ? the file does not say'

    def _negative(self) -> pl.Series:
        column = self._found.one("quantity") or self._found.one("extended")
        if column is None:
            return pl.repeat(value=False, n=self._texts.height, eager=True)
        numbers = parse.number(parse.plain_number(self._texts[column], self._found.decimal))
        return (numbers < 0).fill_null(value=False)

    def _type(self) -> list[str]:
        negative, identifier = self._negative(), self._found.one("transaction_id")
        if not negative.any():
            self.questions.append(
                "No quantity is negative: are returns in this file, and how are they marked?"
            )
            return ["# type is worked out from the signs: a return has negative quantities"]
        letters = identifier and letters_of_returns(self._texts, identifier, negative)
        if not letters:
            self.questions.append("Are negative quantities returns, or corrections of stock?")
            return ["# type is worked out from the signs: a return has negative quantities"]
        self.questions.append(
            f"Receipts that begin with {letters} have negative quantities: are they returns, "
            "cancellations or voids?"
        )
        condition = f"starts_with({_quoted(identifier or '')}, '{letters}')"
        sql = f"CASE WHEN {condition} THEN 'return' ELSE 'sale' END"
        return [f"type = {{ sql = {_text(sql)} }}  # ? or cancelled, or void"]

    def _line(self) -> list[str]:
        lines = []
        for field in ("sku", "description", "department", "quantity", "list_price", "extended"):
            column = self._found.one(field)
            if column is not None:
                origin = self._identifier(column) if field == "sku" else _column(column)
                lines.append(f"{field} = {origin}")
        sku = self._found.one("sku")
        if sku is None:
            lines.append(f"sku = {_column(self._found.one('description') or '')}  # ? no code")
        odd = [] if sku is None else no_goods(self._texts, sku)
        if sku is not None and odd:
            listed = ", ".join("'" + code.replace("'", "''") + "'" for code in odd)
            self.questions.append(f"Are these codes goods, or fees and services: {', '.join(odd)}?")
            sql = f"CASE WHEN {_quoted(sku)} IN ({listed}) THEN 'fee' ELSE 'item' END"
            lines.append(f"# kind = {{ sql = {_text(sql)} }}  # ? goods or services")
        return lines

    def _changes(self) -> list[str]:
        lines = []
        for column in self._found.fields.get("discount", []):
            kind = next((k for sign, k in _CHANGE_TYPES if sign in column.lower()), "promotion")
            numbers = parse.number(parse.plain_number(self._texts[column], self._found.decimal))
            sign = "-" if (numbers.sum() or 0) > 0 else ""
            sql = f"{sign}{_quoted(column)}"
            lines += ["", "[[price_change]]", f'type = "{kind}"  # ? why the price was lowered']
            lines.append(f"amount = {{ sql = {_text(sql)} }}")
            self.questions.append(f"Is {column} already taken off the amount of the line?")
        return lines

    def _tender(self) -> list[str]:
        tender, card = self._found.one("tender"), self._found.one("card_token")
        if tender is None:
            return []
        quoted = f"lower({_quoted(tender)})"
        sql = (
            f"CASE WHEN {quoted} IN ('cash', 'bar') THEN 'cash' "
            f"WHEN {quoted} LIKE '%debit%' OR {quoted} LIKE 'ec%' THEN 'debit' "
            f"WHEN {quoted} LIKE '%card%' OR {quoted} LIKE '%karte%' THEN 'credit' "
            "ELSE 'other' END"
        )
        self.questions.append(f"What do the words in {tender} mean: {self._words(tender)}?")
        lines = ["", "[tender]", f"type = {{ sql = {_text(sql)} }}  # ? cash, credit, debit …"]
        return lines if card is None else [*lines, f"card_token = {_column(card)}"]

    def _words(self, column: str) -> str:
        counted = self._texts[column].drop_nulls().value_counts(sort=True, name="n")
        return ", ".join(counted[column].head(8))

    def _skips(self) -> list[str]:
        price = self._found.one("list_price")
        if price is None:
            return []
        numbers = parse.number(parse.plain_number(self._texts[price], self._found.decimal))
        free = int((numbers == 0).sum())
        if not free:
            return []
        self.questions.append(
            f"{free} of the first {self._texts.height} rows have a price of 0: sales, gifts or "
            "corrections of stock?"
        )
        return [
            "",
            "# [[skip]]  # ? rows that sold nothing",
            f"# when = {_text(f'{_quoted(price)} = 0')}",
            '# reason = "price 0"',
        ]


_NUMBERS: Final = ("quantity", "list_price", "extended", "discount")


def _column(name: str) -> str:
    return f"{{ column = {_text(name)} }}"


def _text(value: str) -> str:
    """Return a TOML string."""
    return json.dumps(value, ensure_ascii=False)


def _quoted(column: str) -> str:
    """Return a column's name as SQL wants it."""
    return '"' + column.replace('"', '""') + '"'
