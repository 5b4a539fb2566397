"""What a feed carries: for every field of the contract, on how many of its rows it is filled in."""

from collections.abc import Iterable, Mapping

import polars as pl
from msgspec import Struct

from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import TABLE_KINDS, Tables
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.fields import Field, fields

_PARTS = ("transactions", "lines", "price_changes", "tenders", "events")


class Count(Struct, frozen=True):
    """On how many rows a field is given, of how many that could have it.

    of: None where one row is proof enough (a feed either has post-voids or it has none).
    """

    given: int
    of: int | None = None

    @property
    def share(self) -> float:
        """The share of rows that have it, 0 to 1."""
        if self.of is None:
            return float(self.given > 0)
        return self.given / self.of if self.of else 0.0

    def __add__(self, other: "Count") -> "Count":
        of = None if self.of is None or other.of is None else self.of + other.of
        return Count(self.given + other.given, of)


class FieldProfile(Struct, frozen=True):
    """What one source carries.

    transactions: receipts seen. stores: the store ids that they name.
    counts: field name (see fields.toml) -> on how many rows; a field not there was not looked for.
    """

    source: str
    transactions: int = 0
    stores: frozenset[str] = frozenset()
    counts: Mapping[str, Count] = {}

    def __add__(self, other: "FieldProfile") -> "FieldProfile":
        counts = dict(self.counts)
        for name, count in other.counts.items():
            counts[name] = counts[name] + count if name in counts else count
        transactions = self.transactions + other.transactions
        return FieldProfile(self.source, transactions, self.stores | other.stores, counts)

    def share(self, name: str) -> float:
        """Return on what share of its rows this field is given, 0 to 1; 0 if it never is."""
        if fields()[name].part == "stores_named":
            return float(len(self.stores) > 1)
        count = self.counts.get(name)
        return 0.0 if count is None else count.share


def profile(batches: Iterable[Batch], tables: Tables) -> tuple[FieldProfile, ...]:
    """Return what each source among these batches carries, by name of the source.

    tables: what was loaded beside the tills; it speaks for every source.
    A batch that carries only some columns is profiled for the fields that those tell.
    """
    found: dict[str, FieldProfile] = {}
    for batch in batches:
        for one in profile_batch(batch):
            found[one.source] = found[one.source] + one if one.source in found else one
    beside = profile_tables(tables)
    return tuple(
        FieldProfile(one.source, one.transactions, one.stores, {**one.counts, **beside})
        for _, one in sorted(found.items())
    )


def profile_batch(batch: Batch) -> tuple[FieldProfile, ...]:
    """Return what each source in this batch carries; profiles of the same source add up."""
    heads = batch.transactions
    seen = heads.group_by("source", maintain_order=True).agg(pl.len(), pl.col("store_id").unique())
    counts: dict[str, dict[str, Count]] = {source: {} for source in seen["source"]}
    for part in _PARTS:
        frame: pl.DataFrame = getattr(batch, part)
        if part != "transactions":
            frame = frame.with_columns(source=heads["source"].gather(frame["tx"]))
        for source, of_source in _count(frame, part).items():
            counts[source].update(of_source)
    return tuple(
        FieldProfile(source, receipts, frozenset(stores), counts[source])
        for source, receipts, stores in seen.iter_rows()
    )


def profile_tables(tables: Tables) -> dict[str, Count]:
    """Return on how many rows each field of the tables is given."""
    found: dict[str, Count] = {}
    for kind in TABLE_KINDS:
        frame = tables[kind]  # type: ignore[index]
        found |= _count(frame.with_columns(source=pl.lit("")), kind).get("", {})
    return found


def _count(frame: pl.DataFrame, part: str) -> dict[str, dict[str, Count]]:
    """Return per source and field of this part on how many rows it is given."""
    told = [field for field in fields().values() if field.part == part and _told(field, frame)]
    sums = []
    for field in told:
        # "TRUE" is one value, not one per row, until it stands beside a column
        of = pl.col("source").is_not_null() & expression(field.of or "TRUE").fill_null(value=False)
        given = expression(field.given or "FALSE").fill_null(value=False)
        sums += [(of & given).sum().alias(f"given {field.name}"), of.sum().alias(field.name)]
    if not told:
        return {}
    counted = frame.lazy().group_by("source").agg(sums).collect()
    return {
        row["source"]: {
            field.name: Count(
                row[f"given {field.name}"], None if field.of is None else row[field.name]
            )
            for field in told
        }
        for row in counted.iter_rows(named=True)
    }


def _told(field: Field, frame: pl.DataFrame) -> bool:
    """Say whether the frame has the columns that tell of this field."""
    texts = [text for text in (field.given, field.of) if text is not None]
    named = {name for text in texts for name in expression(text).meta.root_names()}
    return named <= set(frame.columns)
