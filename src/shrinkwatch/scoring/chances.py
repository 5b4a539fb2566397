"""On how many receipts each subject could have done it: chances, counted per peer group and store.

Rules with the same subject and the same `at_risk` share a chance: two rules about the same receipts
are counted once. Of a rule of kind "extreme" the peer group is the bin of the measure. All counts
are integers, so any split of a day into batches gives the same ones.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.peers import DAY_UNIT, Rows, day_factors
from shrinkwatch.models.extremes import HIGHEST_BIN, bins
from shrinkwatch.records.mute import Mute
from shrinkwatch.rules.judge import Judgement, filled
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.ledger import Counts, Keys, Ledger, Pairs, Units, starts_of
from shrinkwatch.scoring.mute import concerns

BIN = 1 << 32
"""The group of a chance under an "extreme" rule is the bin of its measure plus this."""

TOTALS: dict[str, pl.DataType | type[pl.DataType]] = {
    "day": pl.Date,
    "rule": pl.UInt16,
    "group": pl.UInt64,
    "exposed": pl.Int64,
    "hits": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Chance:
    """Rules (their places) to which the same receipts are a chance; only those that count share."""

    rules: tuple[int, ...]
    extreme: bool


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who had a chance in the window: that of this column and number.

    keys: (subjects,) ascending. exposed: (subjects,). unit: (rows,) the ledger's unit of each row.
    """

    column: str
    number: int
    keys: Keys
    exposed: Counts
    unit: Units
    rows: Rows


def shared(rules: Sequence[Rule], mutes: Sequence[Mute]) -> dict[str, tuple[Chance, ...]]:
    """Return the chances of each subject column, in the order of their first rules."""
    found: dict[str, dict[object, list[int]]] = {}
    for place, rule in enumerate(rules):
        silent = tuple(mute for mute in mutes if concerns(mute, rule))
        alike = (rule.at_risk, rule.offline, rule.training, silent)
        key = alike if rule.kind == "count" else place
        found.setdefault(rule.subject_column, {}).setdefault(key, []).append(place)
    return {
        column: tuple(Chance(tuple(p), rules[p[0]].kind == "extreme") for p in some.values())
        for column, some in found.items()
    }


class Chances:
    """The chances of the window's closed days, and of the day that is open.

    ledgers: subject column -> its ledger. places: (group, store) of each place. totals: TOTALS of
    each closed day. heard: the rules that some receipt put at risk; the others have no chances.
    stores: in how many anybody had a chance, when the last day was closed.
    """

    def __init__(self, rules: Sequence[Rule], window_days: int, mutes: Sequence[Mute] = ()) -> None:
        self.window_days = window_days
        self.rules = len(rules)
        self.shared = shared(rules, mutes)
        self.ledgers = {column: Ledger(len(some)) for column, some in self.shared.items()}
        self.places = Pairs()
        self.totals = pl.DataFrame(schema=TOTALS)
        self.heard: set[int] = set()
        self.stores = 0
        self._levels: tuple[Counts, Counts, Counts]

    def add(self, frame: pl.DataFrame, judgement: Judgement) -> dict[str, Counts]:
        """Count a batch's chances; return subject column -> (rows,) unit of the open day, or -1.

        Units of rules of kind "extreme" are not returned.
        """
        heard = set(np.flatnonzero(judgement.at_risk.any(axis=0)).tolist())
        self.heard |= heard
        store = frame["store_key"].to_numpy()
        group = filled(frame["peer_group"], 0).astype(np.uint64)
        place, units = self.places.numbers(group, store), {}
        for column, ledger in self.ledgers.items():
            key, counted = filled(frame[column], 0), {}
            for number, chance in enumerate(self.shared[column]):
                # at risk under one is at risk under all, but under those that lack a column
                rule = next((rule for rule in chance.rules if rule in heard), None)
                if rule is None:
                    continue
                at_risk = judgement.at_risk[:, rule]
                if not chance.extreme:
                    counted[number] = at_risk
                else:
                    rows = np.flatnonzero(at_risk)
                    bin_ = bins(judgement.measure[rule][rows]) + BIN
                    at = self.places.numbers(bin_.astype(np.uint64), store[rows])
                    ledger.count(key[rows], at, {number: at_risk[rows]})
            if counted:
                units[column] = ledger.count(key, place, counted)
        return units

    def close(
        self, day: date, hits: pl.DataFrame, parents: Mapping[int, int]
    ) -> dict[str, tuple[Units, Units]]:
        """Close the day and forget those that left the window; return where units went.

        hits: rule, group, hits of the day. parents: peer group -> the larger group it belongs to.
        Returns column -> (of each unit so far, of each unit of the open day) its number now.
        """
        after = day - timedelta(self.window_days)
        today = self._today(day).join(hits, on=["rule", "group"], how="left")
        today = today.with_columns(pl.col("hits").fill_null(0)).select(TOTALS.keys())
        self.totals = pl.concat([self.totals.filter(pl.col("day") > after), today])
        window = self.totals.group_by("rule", "group").agg(pl.col("exposed", "hits").sum())
        factors = day_factors(today, window, self.rules)
        order, seen = self._rank(parents), np.zeros(self.places.used, dtype=np.bool_)
        with ThreadPoolExecutor(2) as both:
            closed = both.map(
                lambda ledger: ledger.close(day, after, factors, order), self.ledgers.values()
            )
            moved = dict(zip(self.ledgers, closed, strict=True))
        for ledger in self.ledgers.values():
            seen[ledger.place] = True
        self.stores = np.unique(self.places.second[: seen.size][seen]).size
        return moved

    def crowd(self, column: str, number: int) -> Crowd:
        """Return everybody who had this chance of the column in the window."""
        ledger = self.ledgers[column]
        exposed = ledger.sums(number)
        unit = np.flatnonzero(exposed).astype(np.int32)
        exposed = exposed[unit]
        starts = starts_of(ledger.key[unit])
        keys = ledger.key[unit[starts[:-1]]]
        sums = np.add.reduceat(exposed, starts[:-1]) if unit.size else exposed
        rows = Rows(starts, ledger.place[unit], *self._levels)
        return Crowd(column, number, keys, sums, unit, rows)

    def weighted(self, crowd: Crowd, rule: int, after: date | None = None) -> NDArray[np.float64]:
        """Return (rows of the crowd,) the chances after that day, times the day's factors."""
        ledger = self.ledgers[crowd.column]
        sums = ledger.sums(crowd.number, rule=rule, after=after)[crowd.unit]
        return np.asarray(sums / DAY_UNIT)

    def of_extreme(self, crowd: Crowd, rows: Counts) -> tuple[Counts, Counts]:
        """Return the bin of the measure in these rows of an extreme rule's crowd, and how often."""
        bin_ = self.places.first[crowd.rows.place[rows]] - np.uint64(BIN)
        count = self.ledgers[crowd.column].sums(crowd.number)[crowd.unit[rows]]
        return bin_.astype(np.int64), count

    def factors(self, column: str, rule: int) -> Counts:
        """Return (days,) how much likelier the rule's hits were on each day, in 1/1024."""
        return np.array([one.factors[rule] for one in self.ledgers[column].days], dtype=np.int64)

    def histogram(self, rule: int) -> Counts:
        """Return how often each bin of an extreme rule's measure was seen in the window."""
        mine = self.totals.filter(rule=rule)
        group, exposed = mine["group"].to_numpy() - np.uint64(BIN), mine["exposed"].to_numpy()
        return np.bincount(group.astype(np.int64), exposed, HIGHEST_BIN + 1).astype(np.int64)

    def days(self) -> list[date]:
        """Return the closed days of the window, oldest first."""
        return sorted({one.day for ledger in self.ledgers.values() for one in ledger.days})

    def packed(self) -> dict[str, bytes]:
        """Return what is a frame as the files that `save` writes."""
        file = BytesIO()
        self.totals.write_parquet(file)
        return {"totals.parquet": file.getvalue()}

    def save(self, folder: Path) -> None:
        """Write everything that is no frame, as arrays."""
        for column, ledger in self.ledgers.items():
            for name, array in ledger.arrays().items():
                np.save(folder / f"{column}-{name}.npy", array, allow_pickle=False)
        np.save(folder / "heard.npy", np.array(sorted(self.heard), dtype=np.int64))
        np.save(folder / "groups.npy", self.places.first[: self.places.used])
        np.save(folder / "stores.npy", self.places.second[: self.places.used])

    def restore(self, folder: Path) -> None:
        """Take up what `save` wrote."""
        for column, ledger in self.ledgers.items():
            paths = folder.glob(f"{column}-*.npy")
            ledger.restore({path.stem.removeprefix(f"{column}-"): np.load(path) for path in paths})
        self.heard = set(np.load(folder / "heard.npy").tolist())
        self.places.numbers(np.load(folder / "groups.npy"), np.load(folder / "stores.npy"))
        self.totals = pl.read_parquet(folder / "totals.parquet")

    def _today(self, day: date) -> pl.DataFrame:
        """Return day, rule, group and exposed of the day that is open."""
        groups, of_place = np.unique(self.places.first[: self.places.used], return_inverse=True)
        parts = [pl.DataFrame(schema=TOTALS).drop("day", "hits")]
        for column, ledger in self.ledgers.items():
            counts = ledger.counts_in(groups.size, of_place)
            for exposed, chance in zip(counts.T, self.shared[column], strict=True):
                some = np.flatnonzero(exposed)
                for rule in sorted(self.heard.intersection(chance.rules)):
                    told = {"rule": rule, "group": groups[some], "exposed": exposed[some]}
                    parts.append(pl.DataFrame(told, schema=parts[0].schema))
        return pl.concat(parts).with_columns(day=pl.lit(day))

    def _rank(self, parents: Mapping[int, int]) -> Counts:
        """Number each place's parent, group and store; return the rank of each place by these."""
        used = self.places.used
        groups, group = np.unique(self.places.first[:used], return_inverse=True)
        stores, store = np.unique(self.places.second[:used], return_inverse=True)
        of_group = np.array([parents.get(int(one), 0) for one in groups], dtype=np.uint64)
        parent = np.unique(of_group, return_inverse=True)[1][group]
        self._levels = (parent, group, store)
        return np.asarray((parent * groups.size + group) * stores.size + store)
