"""Guesses what the columns of an unknown table mean, by their names and by what stands in them."""

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from shrinkwatch.intake import parse
from shrinkwatch.intake.cells import ROW

NAMES: Final = {
    "transaction_id": r"invoice.*(no|num|id)|(transaction|trans|basket|receipt|ticket|order|sale|"
    r"beleg|bon|rechnung).?(id|no|nr|num)|^(invoice|receipt|ticket|basket|bon|bon_?nr|beleg)$",
    "ended_at": r"time_?stamp|date_?time|invoice_?date|(sale|order|transaction|receipt).?date|"
    r"^(date|datum|day|ended_at|fecha|jour)$|datum|zeit|^(time|hora|heure)$|"
    r"(transaction|sale|order|receipt).?time$",
    "clock": r"^(time|uhrzeit|zeit|hora|heure)$|(transaction|sale|order|receipt).?time$",
    "store_id": r"store|outlet|shop|branch|filiale|markt|magasin|tienda",
    "register_id": r"register|terminal|workstation|^(till|pos|lane|kasse|caisse)(_?(id|no|nr))?$",
    "operator_id": r"cashier|staff|clerk|operator|employee|kassier|bediener|caissier",
    "loyalty_id": r"loyalty|member|bonuskarte|kundenkarte",
    "customer_id": r"customer|household|client|kunde|cliente|shopper",
    "card_token": r"card.?(token|hash|no|num)|^card$",
    "line": r"line.?(item)?.?(id|no|nr|num)|^(position|pos_?nr|line)$",
    "sku": r"stock.?code|^sku$|(product|item|article|artikel).?(id|code|no|nr|num)|^(ean|upc|gtin|"
    r"plu|barcode|artikel)$",
    "department": r"department|category|warengruppe|abteilung|family",
    "description": r"descr|bezeichnung|product.?name|item.?name|^(product|name|text)$|libelle",
    "quantity": r"quantity|^qty$|menge|anzahl|units|cantidad|quantite",
    "list_price": r"(unit|list|retail|item).?price|einzelpreis|^(price|preis|prix|precio)$",
    "discount": r"disc(ount)?|rabatt|remise|nachlass|markdown",
    "extended": r"sales?.?value|(line|item).*(amount|total|value)|^(amount|total|betrag|umsatz|"
    r"sum|summe|value|revenue|montant|importe|gesamt(preis)?)$",
    "tender": r"tender|payment|zahlart|zahlungs|pay.?method",
    "currency": r"currency|waehrung|währung|devise",
}
"""Field -> pattern of column names, tried in this order; every column is taken once."""

_NUMERIC: Final = ("quantity", "list_price", "extended", "discount")
_DAYS: Final = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%Y%m%d"),
)
_CLOCKS: Final = (" %H:%M:%S%.f", "T%H:%M:%S%.f", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "")
_PATTERNS: Final = tuple(day + clock for day in _DAYS for clock in _CLOCKS)
_COMMA: Final = r"^[^\d-]*-?\d{1,3}(?:\.?\d{3})*,\d{1,4}\D*$"


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table seem to mean.

    fields: contract field (or "clock", "discount", "tender") -> columns, most likely first.
    decimal: `.` or `,`. formats: how times are written, none for ISO 8601 with an offset;
    day_first_unsure: it could also be the month that stands first.
    """

    fields: dict[str, list[str]]
    decimal: str
    formats: tuple[str, ...]
    day_first_unsure: bool

    def one(self, field: str) -> str | None:
        """Return the column of a field, None where none was found."""
        found = self.fields.get(field)
        return found[0] if found else None


def guess_columns(texts: pl.DataFrame) -> Columns:
    """Return what the columns mean, judged by header and by the rows given (texts)."""
    decimal = "," if _writes_commas(texts) else "."
    fields: dict[str, list[str]] = {}
    taken: set[str] = {ROW}
    for field, pattern in NAMES.items():
        for column in texts.columns:
            name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).lower().replace(" ", "_")
            fits = column not in taken and re.search(pattern, name)
            if fits and _values_fit(field, texts[column], decimal):
                fields.setdefault(field, []).append(column)
                taken.add(column)
    if "ended_at" not in fields:
        fields |= _moments(texts, taken)
    _settle_clock(texts, fields)
    formats, unsure = _time_formats(texts, fields)
    return Columns(fields, decimal, formats, unsure)


def share(held: pl.Series) -> float:
    """Return the share of rows (0 to 1) for which it holds; 0 where there are none."""
    return float(held.sum() or 0) / max(len(held), 1)


def _writes_commas(texts: pl.DataFrame) -> bool:
    """Tell whether amounts have a decimal comma: more columns look so than with a point."""
    commas = points = 0
    for name in texts.columns:
        if name == ROW:
            continue
        filled = texts[name].drop_nulls().head(1000)
        if len(filled):
            commas += share(filled.str.contains(_COMMA)) > 0.5
            points += share(filled.str.contains(r"^-?\d+\.\d*[1-9]\d*$")) > 0.5
    return commas > points


def _values_fit(field: str, texts: pl.Series, decimal: str) -> bool:
    filled = texts.drop_nulls().head(5000)
    if not len(filled):
        return False
    if field in _NUMERIC:
        numbers = parse.number(parse.plain_number(filled, decimal))
        return numbers.null_count() < 0.05 * len(filled)
    if field == "ended_at":
        return _is_aware(filled) or _best_format(filled)[1] > 0.9
    if field == "clock":
        return share(filled.str.contains(r"(?i)^\d{1,2}:\d{2}(:\d{2})?( [ap]m)?$")) > 0.9
    return True


def _moments(texts: pl.DataFrame, taken: set[str]) -> dict[str, list[str]]:
    """Return the first column that holds days with clock times, whatever its name."""
    for name in texts.columns:
        filled = texts[name].drop_nulls().head(1000)
        if name not in taken and len(filled):
            best, read = _best_format(filled)
            if _is_aware(filled) or (read > 0.9 and ":" in best):
                return {"ended_at": [name]}
    return {}


def _settle_clock(texts: pl.DataFrame, fields: dict[str, list[str]]) -> None:
    """Leave either a column with day and clock time, or one with days and one with clock times."""
    columns = fields.get("ended_at", [])
    if "clock" not in fields:
        columns.sort(key=lambda name: not _has_clock(texts[name]))
    elif columns and _has_clock(texts[columns[0]]):
        del fields["clock"]


def _has_clock(texts: pl.Series) -> bool:
    return share(texts.drop_nulls().head(1000).str.contains(r"\d:\d")) > 0.5


def _is_aware(texts: pl.Series) -> bool:
    """Tell whether these are ISO 8601 times with an offset or Z."""
    return share(parse.aware_time(texts).is_not_null()) > 0.9


def _best_format(texts: pl.Series) -> tuple[str, float]:
    """Return the pattern that reads most of these texts, and the share that it reads."""
    best, most = "", 0.0
    for pattern in _PATTERNS:
        read = share(parse.local_time(texts, (pattern,)).is_not_null())
        if read > most + 0.001:
            best, most = pattern, read
        if most > 0.999:
            break
    return best, most


def _time_formats(
    texts: pl.DataFrame, fields: dict[str, list[str]]
) -> tuple[tuple[str, ...], bool]:
    """Return the patterns of the time (date and clock joined by a blank), and doubt about them."""
    if "ended_at" not in fields:
        return (), False
    days = texts[fields["ended_at"][0]].drop_nulls()
    if _is_aware(days):
        return (), False
    best, read = _best_format(days)
    other = best.replace("%d/%m", "%m/%d") if "%d/%m" in best else best.replace("%m/%d", "%d/%m")
    other_read = 1 - parse.local_time(days, (other,)).null_count() / max(len(days), 1)
    unsure = other != best and other_read > 0.99 * read
    if "clock" in fields and ":" not in best:
        clocks = texts[fields["clock"][0]].drop_nulls().head(1000)
        seconds = ":%S" if share(clocks.str.contains(r":\d+:")) > 0.5 else ""
        halves = share(clocks.str.contains("(?i)m$")) > 0.5
        best += f" %I:%M{seconds} %p" if halves else f" %H:%M{seconds}"
    return (best,), unsure


def restarts(texts: pl.DataFrame, identifier: str, column: str) -> bool:
    """Tell whether the same identifier stands with different values of this column."""
    pairs = texts.select(identifier, column).drop_nulls()
    several = pairs.group_by(identifier).agg(pl.col(column).n_unique().alias("n"))
    return share(several["n"] > 1) > 0.02


def letters_of_returns(texts: pl.DataFrame, identifier: str, negative: pl.Series) -> str | None:
    """Return the letters with which only receipts of negative quantities begin, None if none."""
    first = texts[identifier].str.extract(r"^([A-Za-z]{1,3})\d")
    back = first.filter(negative).drop_nulls()
    sold = first.filter(~negative).drop_nulls()
    letters = set(back) - set(sold)
    if len(letters) != 1 or len(back) < 0.5 * int(negative.sum() or 0):
        return None
    return str(letters.pop())


def no_goods(texts: pl.DataFrame, sku: str) -> list[str]:
    """Return the codes that look unlike the others: letters, where most codes are digits."""
    codes = texts[sku].drop_nulls()
    if share(codes.str.contains(r"\d{2}")) < 0.8:
        return []
    odd = codes.filter(codes.str.contains(r"[A-Za-z]") & ~codes.str.contains(r"\d{2}"))
    counted = odd.value_counts(sort=True, name="n")
    return counted[sku].head(12).to_list()
