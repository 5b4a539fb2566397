"""How well a rule tells thefts from honest work, where somebody knows which receipts were which.

The lift of a rule is the share of thefts where it fires divided by the share of thefts everywhere.
A rule whose lift could be 1 says nothing and ships switched off. Beside it stands how often the
rule fires on honest look-alikes: new starters, service desks, a recall, a price-file error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray
from scipy.special import betaincinv

from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]

TOP_SHARE = 0.01
"""Of an extreme rule, the receipts in the top hundredth of a frame's measures count as fired."""

_KEY = ("source", "store_id", "register_id", "business_date", "sequence", "transaction_id")
_IDS = {
    "operator": "operator_id",
    "approver": "approver_id",
    "customer": "customer_id",
    "loyalty": "loyalty_id",
    "register": "register_id",
    "sku": "focus_sku",
}


class Lift(Struct, frozen=True):
    """What is known of one rule; counts are receipts.

    lift, low, high: the estimate and its 95 % interval; NaN where the rule never fired or nothing
        was stolen. Receipts count as independent, which those of one thief are not: the true
        interval is wider.
    lookalikes: kind of honest look-alike -> share of their exposed receipts that fired.
    """

    rule: str
    exposed: int
    fired: int
    thefts: int
    lift: float
    low: float
    high: float
    lookalikes: dict[str, float]

    @property
    def tells(self) -> bool:
        """Whether the whole interval lies above 1."""
        return self.low > 1.0


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of rules over frames; tallies of the same rules add up. Arrays: one value per rule.

    lookalikes: kind -> (exposed, fired).
    """

    rules: tuple[Rule, ...]
    receipts: int
    stolen: int
    exposed: Counts
    fired: Counts
    thefts: Counts
    lookalikes: dict[str, tuple[Counts, Counts]] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        lookalikes = dict(self.lookalikes)
        for kind, (exposed, fired) in other.lookalikes.items():
            had = lookalikes.get(kind)
            lookalikes[kind] = (
                (exposed, fired) if had is None else (had[0] + exposed, had[1] + fired)
            )
        return Tally(
            self.rules,
            self.receipts + other.receipts,
            self.stolen + other.stolen,
            self.exposed + other.exposed,
            self.fired + other.fired,
            self.thefts + other.thefts,
            lookalikes,
        )

    def lifts(self) -> tuple[Lift, ...]:
        """Return the lift of every rule.

        Source of the interval: Jeffreys' for the share of thefts among what fired (Brown, Cai &
        DasGupta 2001, "Interval estimation for a binomial proportion", Statistical Science 16),
        divided by the base share, which is known far better.
        """
        base = self.stolen / self.receipts if self.receipts else 0.0
        found = []
        for place, rule in enumerate(self.rules):
            fired, thefts = int(self.fired[place]), int(self.thefts[place])
            share = _share(thefts, fired) if base > 0 else (np.nan, np.nan, np.nan)
            lift, low, high = (float(one / base) if base > 0 else np.nan for one in share)
            honest = {
                kind: float(hits[place] / chances[place])
                for kind, (chances, hits) in self.lookalikes.items()
                if chances[place]
            }
            exposed = int(self.exposed[place])
            found.append(Lift(rule.id, exposed, fired, thefts, lift, low, high, honest))
        return tuple(found)


def tally(
    judgement: Judgement,
    stolen: Mask,
    lookalikes: Mapping[str, Mask],
    named: Mapping[int, Mask] | None = None,
) -> Tally:
    """Return the counts of one frame.

    stolen: shape (rows,), the receipts of known thefts. lookalikes: kind -> its receipts, of which
    stolen ones are left out. named: see `stolen_named`.
    """
    fired = _notable(judgement)
    at_risk = judgement.at_risk
    thefts = fired[stolen].sum(axis=0)
    for place, on_theft in (named or {}).items():
        thefts[place] = (fired[:, place] & on_theft).sum()
    honest = {kind: mask & ~stolen for kind, mask in lookalikes.items()}
    return Tally(
        judgement.rules,
        at_risk.shape[0],
        int(stolen.sum()),
        at_risk.sum(axis=0),
        fired.sum(axis=0),
        thefts,
        {
            kind: (at_risk[mask].sum(axis=0), fired[mask].sum(axis=0))
            for kind, mask in honest.items()
        },
    )


def stolen_rows(frame: pl.DataFrame, incidents: pl.DataFrame) -> Mask:
    """Return which rows of the frame are receipts of the answer sheet (table `incidents`)."""
    key = [name for name in _KEY if name in frame.columns and name in incidents.columns]
    sheet = incidents.select(pl.col(name).cast(frame.schema[name]) for name in key).unique()
    known = frame.select(key).join(
        sheet.with_columns(stolen=True), on=key, how="left", nulls_equal=True, maintain_order="left"
    )
    return known["stolen"].fill_null(value=False).to_numpy()


def stolen_named(
    rules: Sequence[Rule], frame: pl.DataFrame, stolen: Mask, keys: NDArray[np.uint64]
) -> dict[int, Mask]:
    """Return the place of each rule that names an earlier receipt -> where that is a known theft's.

    stolen: shape (rows,). keys: `tx_key` of the known thefts' receipts so far. Where a row names
    none, the row itself counts.
    """
    found = {}
    for place, rule in enumerate(rules):
        if rule.receipt is not None:
            key = frame[rule.receipt].to_numpy()
            found[place] = np.where(key != 0, np.isin(key, keys), stolen)
    return found


def lookalike_rows(frame: pl.DataFrame, sheet: pl.DataFrame) -> dict[str, Mask]:
    """Return kind -> which rows of the frame are receipts of such honest look-alikes.

    sheet: kind, store_id, subject_type, subject_id, from, to (local dates, inclusive); a subject
    type of "store" means everything in that store.
    """
    found: dict[str, Mask] = {}
    stores, days = frame["store_id"], frame["local_date"]
    rows = sheet.with_columns(
        pl.col("store_id").cast(pl.String), *(_dates(sheet[name]) for name in ("from", "to"))
    )
    for kind, store, type_, id_, first, last in rows.select(
        "kind", "store_id", "subject_type", "subject_id", "from", "to"
    ).iter_rows():
        here = (stores == store) & days.is_between(first, last)
        if type_ in _IDS:
            here &= frame[_IDS[type_]].fill_null("") == str(id_)
        mask = here.fill_null(value=False).to_numpy()
        found[kind] = found[kind] | mask if kind in found else mask
    return found


def _dates(column: pl.Series) -> pl.Series:
    return column.str.to_date() if column.dtype == pl.String else column.cast(pl.Date)


def _notable(judgement: Judgement) -> Mask:
    """Return what fired; of an extreme rule, what fired in the top hundredth of its measures."""
    fired = judgement.fired
    for place, measure in judgement.measure.items():
        measures = measure[judgement.at_risk[:, place]]
        if measures.size:
            edge = np.quantile(measures, 1.0 - TOP_SHARE)
            fired[:, place] &= np.nan_to_num(measure, nan=-np.inf) >= edge
    return fired


def _share(hits: int, many: int) -> tuple[float, float, float]:
    """Return a share and its 95 % Jeffreys interval; all NaN of nothing."""
    if many == 0:
        return np.nan, np.nan, np.nan
    low = betaincinv(hits + 0.5, many - hits + 0.5, 0.025) if hits else 0.0
    high = betaincinv(hits + 0.5, many - hits + 0.5, 0.975) if hits < many else 1.0
    return hits / many, float(low), float(high)
