"""Who the numbers on a receipt are: the cashier's role, the kind of till, the store's format."""

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.arrays import Coded, Columns, integers
from shrinkwatch.features.index import Index
from shrinkwatch.features.kernel import UNKNOWN_64
from shrinkwatch.features.shifts import people_of
from shrinkwatch.records.batch import Batch, subject_key
from shrinkwatch.records.tables import TABLE_KEYS, Tables


class Finder:
    """Finds a subject's row in a table with a row for each; each key is looked up only once.

    names: the columns by which a subject is known. Several threads may ask.
    """

    def __init__(self, table: pl.DataFrame, names: Sequence[str]) -> None:
        self.table = table.with_row_index("row")
        self._names = names
        self._index = Index()
        self._rows = np.zeros(0, dtype=np.int64)
        self._one_asks = Lock()
        self._looking_up = Lock()
        self._numbers: dict[str, NDArray[np.int64]] = {}
        self._coded: dict[str, Coded] = {}

    def rows(self, key: NDArray[np.uint64], named: pl.DataFrame) -> NDArray[np.int64]:
        """Return (n,) int64 rows of the table, −1 where the table does not have it.

        key: (n,) subject keys, 0 nobody. named: (n,) rows with the table's key columns.
        """
        with self._one_asks:
            slots = self._index.slots(key)
            if self._index.used > self._rows.size:
                fresh = np.flatnonzero(slots >= self._rows.size)
                order, first = np.unique(slots[fresh], return_index=True)
                asked = named[list(self._names)][fresh[first]]
                found = asked.join(self.table, on=self._names, how="left", maintain_order="left")
                rows = found.get_column("row").cast(pl.Int64).fill_null(-1).to_numpy()
                assert rows.size == order.size, "a table's key is unique"
                self._rows = np.concatenate([self._rows, rows])
            known = self._rows
        if known.size == 0:
            return np.full(slots.size, -1, dtype=np.int64)
        return np.where(slots >= 0, known[slots], -1)

    def numbers(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return this column at these rows as int64, UNKNOWN_64 for null and at −1.

        Dates are days since 1970, times of day nanoseconds.
        """
        if name not in self._numbers:
            self._numbers[name] = np.append(integers(self.table.get_column(name)), UNKNOWN_64)
        return self._numbers[name][rows]

    def coded(self, name: str, rows: NDArray[np.int64]) -> Coded:
        """Return this column of names at these rows, null at −1."""
        if name not in self._coded:
            values = self.table.get_column(name)
            names = [*values.drop_nulls().unique(maintain_order=True), None]
            place = {one: number for number, one in enumerate(names)}
            self._coded[name] = Coded(names, np.array([place[one] for one in [*values, None]]))
        whole = self._coded[name]
        return Coded(whole.names, whole.code[rows])


class Joined(NamedTuple):
    """What the tables know of a batch.

    operator, approver: (rows,) persons, 0 nobody. change_approver: (price changes,) persons.
    operator_row, register_row, store_row: (rows,) rows of the tables, −1 unknown. clocked_row: of
    `Joins.clocked`, −1 where the person has no shift, or is nobody.
    """

    operator: NDArray[np.uint64]
    approver: NDArray[np.uint64]
    change_approver: NDArray[np.uint64]
    operator_row: NDArray[np.int64]
    register_row: NDArray[np.int64]
    store_row: NDArray[np.int64]
    clocked_row: NDArray[np.int64]


class Joins:
    """The stores, registers, operators and shifts tables, ready to be asked by key."""

    def __init__(self, tables: Tables) -> None:
        self.stores = Finder(tables["stores"], TABLE_KEYS["stores"])
        self.registers = Finder(tables["registers"], TABLE_KEYS["registers"])
        self.operators = Finder(tables["operators"], TABLE_KEYS["operators"])
        people, self.clocked = people_of(tables["shifts"])
        self._clocked = Finder(people, people.columns)
        table = self.operators.table
        employees = table.get_column("employee_id").to_list()
        self._employee = np.array(
            [0 if one is None else subject_key("employee", one) for one in employees],
            dtype=np.uint64,
        )
        self._virtual = table.get_column("virtual").fill_null(value=False).to_numpy()

    def of(self, batch: Batch, plain: Columns) -> Joined:
        """Return what the tables know of each transaction; plain: the batch's keys."""
        tx, operator = batch.transactions, plain["operator_key"]
        operator_row = self.operators.rows(operator, tx)
        person = self._person(operator, operator_row)
        return Joined(
            operator=person,
            approver=self._approver(plain["approver_key"], tx),
            change_approver=self._change_approvers(batch),
            operator_row=operator_row,
            register_row=self.registers.rows(plain["register_key"], tx),
            store_row=self.stores.rows(plain["store_key"], tx),
            clocked_row=np.where(person != 0, self._clocked.rows(operator, tx), -1),
        )

    def people(self, key: NDArray[np.uint64], named: pl.DataFrame) -> NDArray[np.uint64]:
        """Return the persons with these operators' keys, 0 nobody; named: as `Finder.rows`."""
        return self._person(key, self.operators.rows(key, named))

    def _person(self, key: NDArray[np.uint64], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
        if self._employee.size == 0:
            return key
        employee, known = self._employee[rows], rows >= 0
        person = np.where(known & (employee != 0), employee, key)
        return np.where(known & self._virtual[rows], np.uint64(0), person)

    def _approver(self, key: NDArray[np.uint64], named: pl.DataFrame) -> NDArray[np.uint64]:
        if not key.any():
            return key
        ids = named["store_id", "approver_id"].rename({"approver_id": "operator_id"})
        return self.people(key, ids)

    def _change_approvers(self, batch: Batch) -> NDArray[np.uint64]:
        """Return the person who approved each price change; the batch has only their ids."""
        changes = batch.price_changes
        person = np.zeros(changes.height, dtype=np.uint64)
        approved = changes.get_column("approver_id").is_not_null().to_numpy()
        if not approved.any():
            return person
        owner = changes.get_column("tx").to_numpy()[approved]
        named = batch.transactions["source", "store_id"][owner].with_columns(
            changes.get_column("approver_id").filter(approved).alias("operator_id")
        )
        distinct = named.unique(maintain_order=True)
        made = [subject_key("operator", *row) for row in distinct.iter_rows()]
        keyed = named.join(
            distinct.with_columns(pl.Series("key", made, dtype=pl.UInt64)),
            on=named.columns,
            how="left",
            maintain_order="left",
        )
        key = keyed.get_column("key").to_numpy()
        person[approved] = self.people(key, named)
        return person
