"""What was seen of every subject in the last four weeks: chances, hits, and the hits' receipts.

Of a receipt on which nothing fired only a count is kept (`scoring.chances`). One that fired is kept
with its natural key, its loss and who took part, and lies compressed until an alert names it. All
sums are of integers, so any split of a day into batches gives the same evidence.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.models.extremes import bins
from shrinkwatch.records.mute import Mute
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.chances import Chances
from shrinkwatch.scoring.earlier import Earlier
from shrinkwatch.scoring.ledger import Counts, Keys, Units
from shrinkwatch.scoring.seen import FIRED, firings

EVIDENCE_VERSION = "evidence-5"
"""Changes when saved evidence can no longer be read."""

_DAY: dict[str, pl.DataType | type[pl.DataType]] = {"day": pl.Date}
DATED_FIRED = _DAY | FIRED
PACK = 2_000
"""Firings that are compressed together."""

_EPOCH = date(1970, 1, 1).toordinal()

EXTREME_SHARE = 0.01
"""Of a rule of kind "extreme", the receipts in the top hundredth of all measures are kept."""

SHORT_DAYS = 7
"""The last week is looked at by itself: a burst."""

DEAR_ABOVE = 0.8
"""The dearest fifth of a rule's hits is looked at by itself: thieves do not bother with little."""


class Hits(NamedTuple):
    """What is weighed of a rule's firings, (hits,) each, in order of arrival within a day.

    day: ordinal of the closed day. unit: of the rule's ledger (`scoring.chances`), -1 under a rule
    of kind "extreme". alike: number of the receipt's currency and format.
    """

    day: NDArray[np.int32]
    key: Keys
    unit: Units
    loss_minor: Counts
    measure: NDArray[np.float64]
    alike: NDArray[np.int32]

    def of(self, some: NDArray[Any]) -> "Hits":
        """Return these hits only. some: a mask, or places."""
        return Hits(*(values[some] for values in self))

    def and_then(self, more: "Hits") -> "Hits":
        """Return these hits and then those."""
        both: list[list[Any]] = [list(two) for two in zip(self, more, strict=True)]
        return Hits(*map(np.concatenate, both))

    def after(self, day: date) -> "Hits":
        """Return the hits of the days after that one."""
        return self.of(self.day > day.toordinal())


class Evidence:
    """The closed days of the window and the day that is open.

    hits: of each rule in the window. receipts: DATED_FIRED of each day in packs, of which the n-th
    of p has the subjects whose key leaves n when divided by p. alike: (currency, format) -> its
    number. A day of 85,000 firings is 4 MB of receipts and 3 MB of hits.
    """

    def __init__(self, rules: Sequence[Rule], window_days: int, mutes: Sequence[Mute] = ()) -> None:
        self.rules = tuple(rules)
        self.window_days = window_days
        self.chances = Chances(rules, window_days, mutes)
        self.hits = [_hits(pl.DataFrame(schema=DATED_FIRED), {}) for _ in self.rules]
        self.alike: dict[tuple[str | None, str | None], int] = {}
        self.receipts: dict[date, list[bytes]] = {}
        self.open_firings: list[pl.DataFrame] = []
        self.earlier = Earlier()

    def add(
        self, frame: pl.DataFrame, judgement: Judgement, tenders: pl.DataFrame | None = None
    ) -> None:
        """Take a batch's chances and firings into the open day."""
        units = self.chances.add(frame, judgement)
        if any(rule.receipt is not None for rule in self.rules):
            self.earlier.add(frame)
        fired = firings(frame, judgement, units, tenders)
        if fired.height:
            self.open_firings.append(fired)

    def close(self, day: date, parents: Mapping[int, int]) -> None:
        """Close the day, and forget the days that left the window.

        parents: peer group -> the larger group that it belongs to.
        """
        after = day - timedelta(self.window_days)
        fired = pl.concat([pl.DataFrame(schema=FIRED), *self.open_firings])
        fired = fired.sort("arrived_at", "tx_key", "rule").with_columns(day=pl.lit(day))
        fired = self.earlier.in_place(fired)
        self.earlier.close(day)
        self.open_firings = []
        group = pl.col("peer_group").fill_null(0).cast(pl.UInt64)
        hits = fired.group_by("rule", group=group).agg(hits=pl.len().cast(pl.Int64))
        moved = self.chances.close(day, hits, parents)
        fired = self._without_ordinary(fired)
        new, of_rule = _hits(fired, self.alike), fired["rule"].to_numpy()
        for place, rule in enumerate(self.rules):
            had, came = self.hits[place].after(after), new.of(of_rule == place)
            if rule.kind != "extreme":
                to, to_new = moved[rule.subject_column]
                had, came = had._replace(unit=to[had.unit]), came._replace(unit=to_new[came.unit])
            self.hits[place] = had.and_then(came)
        self.receipts = {one: kept for one, kept in self.receipts.items() if one > after}
        before = [pl.read_ipc(pack) for pack in self.receipts.get(day, ())]
        if fired.height:
            self.receipts[day] = packed(pl.concat([*before, fired.select(DATED_FIRED.keys())]))

    def fired(self, keys: Keys) -> pl.DataFrame:
        """Return the window's firings (DATED_FIRED) on these subjects, in order of arrival."""
        asked, found = pl.Series(keys).implode(), [pl.DataFrame(schema=DATED_FIRED)]
        hit = [hits.day[_among(hits.key, asked)] for hits in self.hits]
        for day in np.unique(np.concatenate(hit)).tolist():
            packs = self.receipts[date.fromordinal(day)]
            some = np.unique(keys % np.uint64(len(packs))).tolist()
            found += [pl.read_ipc(packs[n]).filter(pl.col("key").is_in(asked)) for n in some]
        return pl.concat(found).sort("day", "arrived_at", "tx_key", "rule")

    def fired_on(self, places: Sequence[int], day: date) -> Keys:
        """Return the keys, ascending, of those on whom one of these rules fired on that day."""
        hits = [self.hits[place] for place in places]
        return np.unique(np.concatenate([one.key[one.day == day.toordinal()] for one in hits]))

    def extreme(self, places: Sequence[int]) -> Keys:
        """Return the keys, ascending, of those with an enormous amount under one of these rules."""
        some = [self.hits[place].key for place in places if self.rules[place].kind == "extreme"]
        return np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *some]))

    def last_week(self) -> date:
        """Return the day after which the window's last week begins."""
        return self.chances.days()[-1] - timedelta(SHORT_DAYS)

    def dear(self, rule: int) -> Hits:
        """Return the rule's hits above the loss of DEAR_ABOVE of its hits in such stores.

        Hits without a peer group are left out; they take part in what is usual.
        """
        ledger = self.chances.ledgers[self.rules[rule].subject_column]
        hits = self.hits[rule]
        usual = np.zeros(len(self.alike), dtype=np.int64)
        for kind in range(usual.size):
            losses = hits.loss_minor[hits.alike == kind]
            if losses.size:
                place = math.ceil((losses.size - 1) * DEAR_ABOVE)
                usual[kind] = np.partition(losses, place)[place]
        group = self.chances.places.first[ledger.place[hits.unit]]
        return hits.of((hits.loss_minor > usual[hits.alike]) & (group != 0))

    def packed(self) -> dict[str, bytes]:
        """Return what is a frame as the files that `save` writes."""
        file = BytesIO()
        pl.concat([pl.DataFrame(schema=FIRED), *self.open_firings]).write_parquet(file)
        frames = {"open_firings.parquet": file.getvalue(), "earlier.msgpack": self.earlier.packed()}
        return frames | self.chances.packed()

    def save(self, folder: Path, packed: Mapping[str, bytes] | None = None) -> None:
        """Write everything. packed: of `packed`; with it nothing here packs a frame."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (self.packed() if packed is None else packed).items():
            (folder / name).write_bytes(content)
        self.chances.save(folder)
        sizes = [hits.day.size for hits in self.hits]
        np.save(folder / "hits-sizes.npy", np.array(sizes, dtype=np.int64))
        for name, parts in zip(Hits._fields, zip(*self.hits, strict=True), strict=True):
            np.save(folder / f"hits-{name}.npy", np.concatenate(parts))
        (folder / "alike.json").write_bytes(msgspec.json.encode(list(self.alike)))
        (folder / "receipts.msgpack").write_bytes(msgspec.msgpack.encode(self.receipts))

    def restore(self, folder: Path) -> None:
        """Take up what `save` wrote under the same rules and mutes."""
        self.chances.restore(folder)
        ends = np.cumsum(np.load(folder / "hits-sizes.npy"))
        parts = [np.split(np.load(folder / f"hits-{name}.npy"), ends[:-1]) for name in Hits._fields]
        self.hits = [Hits(*one) for one in zip(*parts, strict=True)]
        pairs = msgspec.json.decode((folder / "alike.json").read_bytes())
        self.alike = {(currency, form): n for n, (currency, form) in enumerate(pairs)}
        self.receipts = msgspec.msgpack.decode(
            (folder / "receipts.msgpack").read_bytes(), type=dict[date, list[bytes]]
        )
        self.open_firings = [pl.read_parquet(folder / "open_firings.parquet")]
        self.earlier.restore(folder / "earlier.msgpack")

    def _without_ordinary(self, fired: pl.DataFrame) -> pl.DataFrame:
        """Return the firings without ordinary amounts of the rules that look at extremes."""
        keep = np.ones(fired.height, dtype=np.bool_)
        for place, rule in enumerate(self.rules):
            rows = np.flatnonzero(fired["rule"] == place)
            if rule.kind != "extreme" or rows.size == 0:
                continue
            counts = self.chances.histogram(place)
            above = np.cumsum(counts[::-1])[::-1]
            bin_ = bins(fired["measure"].to_numpy()[rows])
            keep[rows] = above[bin_] <= np.maximum(EXTREME_SHARE * counts.sum(), 10)
        return fired.filter(pl.Series(keep))


def packed(fired: pl.DataFrame) -> list[bytes]:
    """Return these firings as compressed Arrow files, by key: to read a few subjects' is quick."""
    packs = max(1, fired.height // PACK)
    of_pack = (fired["key"] % packs).to_numpy()
    order = np.argsort(of_pack, kind="stable")
    starts = np.searchsorted(of_pack[order], np.arange(packs + 1)).tolist()
    fired = fired[order]

    def pack(ends: tuple[int, int]) -> bytes:
        file = BytesIO()
        fired[slice(*ends)].write_ipc(file, compression="zstd")
        return file.getvalue()

    with ThreadPoolExecutor(2) as both:
        return list(both.map(pack, pairwise(starts)))


def _hits(fired: pl.DataFrame, alike: dict[tuple[str | None, str | None], int]) -> Hits:
    """Return the hits of these firings (DATED_FIRED); new currencies and formats get numbers."""
    kinds = fired.select("currency", "format").unique(maintain_order=True)
    numbers = [alike.setdefault(kind, len(alike)) for kind in kinds.iter_rows()]
    kinds = kinds.with_columns(alike=pl.Series(numbers, dtype=pl.Int32))
    numbered = fired.join(
        kinds, on=["currency", "format"], nulls_equal=True, maintain_order="left"
    ).with_columns(pl.col("day").to_physical() + _EPOCH)
    return Hits(*(numbered[name].to_numpy(writable=True) for name in Hits._fields))


def _among(keys: Keys, asked: pl.Series) -> NDArray[np.bool_]:
    return pl.Series(keys, dtype=pl.UInt64).is_in(asked).to_numpy()
