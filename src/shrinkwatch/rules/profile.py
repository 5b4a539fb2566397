"""What a feed carries: for every field of the contract, on how many of its rows it is filled in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add

import polars as pl
import polars.selectors as cs
from msgspec import Struct

from shrinkwatch.records.batch import Batch
from shrinkwatch.records.tables import TABLE_KINDS, Tables
from shrinkwatch.rules.carried import count_batch, count_rows, given, possible
from shrinkwatch.rules.fields import fields


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

    def without(self, name: str) -> "FieldProfile":
        """Return the same profile as if this field were never given."""
        old = self.counts.get(name, Count(0))
        counts = {**self.counts, name: Count(0, old.of)}
        return FieldProfile(self.source, self.transactions, self.stores, counts)


def profile(batches: Iterable[Batch], tables: Tables) -> tuple[FieldProfile, ...]:
    """Return what each source among these batches carries, by name of the source.

    tables: what was loaded beside the tills, of which each source is given its stores' rows.
    A batch that carries only some columns is profiled for the fields that those tell.
    """
    return with_tables((one for batch in batches for one in profile_batch(batch)), tables)


def profile_batch(batch: Batch) -> tuple[FieldProfile, ...]:
    """Return what each source in this batch carries; profiles of the same source add up."""
    stores = batch.transactions.group_by("source").agg(pl.col("store_id").unique())
    return _profiles(count_by(batch, ("source",)).join(stores, on="source").sort("source"))


def count_by(batch: Batch, keys: Sequence[str]) -> pl.DataFrame:
    """Return a row per value of these columns, with its "transactions" and its fields' counts.

    keys: columns of transactions. The counts (Int64) are named as in `rules.carried`.
    """
    heads = batch.transactions.select(*keys)
    groups = heads.unique(maintain_order=True).with_row_index("group")
    group = heads.join(groups, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return groups.join(count_batch(batch, group["group"]), on="group").drop("group")


def profile_counted(counted: pl.DataFrame) -> tuple[FieldProfile, ...]:
    """Return what each source carries, by its name.

    counted: as `count_by` makes it, by "source", "store_id" and maybe more.
    """
    counts = cs.integer().sum()
    sums = counted.group_by("source").agg(pl.col("store_id").unique(), counts)
    return _profiles(sums.sort("source"))


def _profiles(of_source: pl.DataFrame) -> tuple[FieldProfile, ...]:
    """Return what each row's source carries; "store_id" lists its stores."""
    return tuple(
        FieldProfile(row["source"], row["transactions"], frozenset(row["store_id"]), _counts(row))
        for row in of_source.iter_rows(named=True)
    )


def with_tables(found: Iterable[FieldProfile], tables: Tables) -> tuple[FieldProfile, ...]:
    """Return the profiles by source, those of one source added up, with what the tables give.

    A table that names stores speaks for a source only with the rows of the source's stores.
    """
    by_source: dict[str, list[FieldProfile]] = {}
    for one in found:
        by_source.setdefault(one.source, []).append(one)
    summed = (reduce(add, by_source[source]) for source in sorted(by_source))
    return tuple(
        FieldProfile(
            one.source,
            one.transactions,
            one.stores,
            {**one.counts, **profile_tables(tables, one.stores)},
        )
        for one in summed
    )


def profile_tables(tables: Tables, stores: frozenset[str]) -> dict[str, Count]:
    """Return on how many rows of these stores each field of the tables is given."""
    found: dict[str, Count] = {}
    for kind in TABLE_KINDS:
        frame = tables[kind]  # type: ignore[index]
        if "store_id" in frame.columns:
            frame = frame.filter(pl.col("store_id").is_in(stores))
        counted = count_rows(frame.with_columns(group=pl.lit(0, dtype=pl.UInt32)), kind)
        for row in counted.iter_rows(named=True):
            found |= _counts(row)
    return found


def _counts(row: Mapping[str, int]) -> dict[str, Count]:
    return dict(_each_count(row))


def _each_count(row: Mapping[str, int]) -> Iterator[tuple[str, Count]]:
    for name, field in fields().items():
        if given(name) in row:
            yield name, Count(row[given(name)], None if field.of is None else row[possible(name)])
