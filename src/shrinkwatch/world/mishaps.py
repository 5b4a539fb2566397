"""What goes wrong at honest tills: double scans, cancels, post-voids, parked and resumed sales.

Base rates per sale are our assumption, in the range that exception reports of retailers show:
line voids in 2 % of receipts, cancels 0.7 %, post-voids 0.2 %, suspensions 0.4 %. The operator's
own factor, the tenure and the store's habits multiply them.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.visits import Site

LINE_VOID = 0.02
DOUBLE_SCAN = 0.6
CANCEL = 0.007
CANCEL_ALONE = 0.014
CANCEL_AFTER_TOTAL = 0.25
TENDER_TRIED = 0.4
POST_VOID = 0.0022
RUNG_AGAIN = 0.78
APPROVED_VOID = 0.9
SUSPEND = 0.004
NEVER_RESUMED = 0.06
RESUMED_WITH_LESS = 0.08


def mishaps(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with the honest mistakes of the period; each sale suffers at most one."""
    tx = ledger.tx
    operator = tx["operator"].to_numpy()
    day = tx["day"].to_numpy()
    alone = operator == site.staff.self_checkout
    rates = {
        "line_void": np.where(alone, 0.4 * LINE_VOID, LINE_VOID),
        "cancel": np.where(alone, CANCEL_ALONE, CANCEL),
        "post_void": np.where(alone, 0.0, POST_VOID),
        "suspend": np.where(alone, 0.0, SUSPEND),
    }
    lot = site.rng.random(tx.height)
    for kind, rate in rates.items():
        quirk = np.where(alone, 1.0, site.staff.clumsiness(kind, operator, day))
        chance = np.minimum(0.3, rate * quirk * site.shop.muddle)
        hit = (lot >= 0) & (lot < chance)
        lot = np.where(hit, -1.0, lot - chance)
        ledger = _HAPPEN[kind](ledger, tx.filter(pl.Series(hit)), site)
    return ledger


def in_charge(site: Site, day: pl.Series, start: pl.Series) -> NDArray[np.int32]:
    """Return the supervisor on duty at these times."""
    middle = (site.shop.opens_s + site.shop.closes_s) // 2
    late = ((start.to_numpy() % 86_400) >= middle).astype(np.int64)
    return np.asarray(site.staff.on_duty[day.to_numpy(), late], dtype=np.int32)


def approval(site: Site, tx: pl.DataFrame, share: float) -> pl.Series:
    """Return the supervisor on duty for a share of these transactions, else null."""
    absent = pl.Series(site.rng.random(tx.height) >= share)
    return pl.Series(in_charge(site, tx["day"], tx["start"])).set(absent, None)


def copied(ledger: Ledger, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the live lines and changes of `original`, as those of `tx`, for each row of pairs."""
    names = pairs.select(tx="original", new="tx")
    lines = (
        ledger.lines.filter(~pl.col("voided"))
        .join(names, on="tx", maintain_order="left")
        .with_columns(tx="new")
    )
    changes = ledger.changes.join(names, on="tx", maintain_order="left").with_columns(tx="new")
    return lines, changes


def _line_void(ledger: Ledger, hit: pl.DataFrame, site: Site) -> Ledger:
    """Void one line: a double scan, or goods the customer does not want after all."""
    picked = _lines_to_void(ledger, hit, site)
    double = picked.filter("double").with_columns(
        line=pl.col("count").cast(pl.Int32) + 1, at=pl.col("at") + 1, voided=pl.lit(value=True)
    )
    unwanted = picked.filter(~pl.col("double")).select(
        "tx", "line", "void_at", here=pl.lit(value=True)
    )
    kept = ledger.lines.join(
        unwanted, on=["tx", "line"], how="left", suffix="_new", maintain_order="left"
    ).with_columns(
        voided=pl.col("voided") | pl.col("here").fill_null(value=False),
        void_at=pl.coalesce("void_at_new", "void_at"),
    )
    later = picked.select("tx", until=pl.col("void_at") + 2)
    tx = ledger.tx.join(later, on="tx", how="left", maintain_order="left").with_columns(
        wait=(pl.col("until") - pl.col("total_at")).clip(0).fill_null(0)
    )
    tx = tx.with_columns(
        total_at=pl.col("total_at") + pl.col("wait"), length=pl.col("length") + pl.col("wait")
    )
    return ledger.with_tx(tx).with_lines(kept).plus(Ledger.of(lines=double))


def _lines_to_void(ledger: Ledger, hit: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Return one line of each sale with `void_at`, and whether it is a `double` scan."""
    rng = site.rng
    late_share = site.staff.late_voids[hit["operator"].to_numpy()]
    plan = hit.select(
        "tx",
        late=pl.Series(rng.random(hit.height) < late_share),
        double=pl.Series(rng.random(hit.height) < DOUBLE_SCAN),
        quick=pl.Series(np.rint(6 * rng.lognormal(0, 0.5, hit.height)), dtype=pl.Int32),
        slow=pl.Series(rng.integers(4, 31, hit.height), dtype=pl.Int32),
    )
    lines = ledger.lines.join(plan, on="tx", maintain_order="left")
    return (
        lines.with_columns(
            lot=pl.Series(rng.random(lines.height)),
            last=pl.col("at").max().over("tx"),
            count=pl.len().over("tx"),
        )
        .filter(
            pl.col("lot").rank("ordinal").over("tx") == 1,
            pl.col("double") | (pl.col("count") > 1),
        )
        .with_columns(
            void_at=pl.when(pl.col("late") & ~pl.col("double"))
            .then(pl.col("last") + pl.col("slow"))
            .otherwise(pl.col("at") + pl.col("quick"))
        )
    )


def _cancel(ledger: Ledger, hit: pl.DataFrame, site: Site) -> Ledger:
    """Cancel the sale: no wallet, a card refused, a change of mind; before total mostly."""
    after = pl.Series(site.rng.random(hit.height) < CANCEL_AFTER_TOTAL)
    cancelled = ledger.mark(hit["tx"], status="cancelled", pay=None)
    cancelled = cancelled.mark(hit.filter(~after)["tx"], total_at=None)
    tried = hit.filter(after & pl.Series(site.rng.random(hit.height) < TENDER_TRIED))
    in_cash = tried["pay"] == "cash"
    cancelled = cancelled.mark(tried.filter(in_cash)["tx"], refused="cash")
    cancelled = cancelled.mark(tried.filter(~in_cash)["tx"], refused="credit")
    return cancelled.mark(hit.join(tried, on="tx", how="anti")["tx"], card=None)


def _post_void(ledger: Ledger, hit: pl.DataFrame, site: Site) -> Ledger:
    """Take the sale back; mostly it was rung wrongly and is rung again at once."""
    rng = site.rng
    numbers = ledger.next_numbers(hit.height)
    delay = np.clip(np.rint(70 * rng.lognormal(0, 0.9, hit.height)), 15, 3600).astype(np.int64)
    voids = hit.with_columns(
        tx=pl.Series(numbers),
        original=pl.col("tx"),
        start=pl.col("start") + pl.col("length") + pl.Series(delay),
        length=pl.lit(25),
        total_at=pl.lit(8),
        type=pl.lit("void"),
        approver=approval(site, hit, APPROVED_VOID),
        loyalty=pl.lit(None),
    )
    with_voids = ledger.plus(Ledger.of(tx=voids))
    again = voids.filter(pl.Series(rng.random(hit.height) < RUNG_AGAIN))
    ringing = again.select(pl.Series("tx", with_voids.next_numbers(again.height)), "original")
    first = ringing.join(
        ledger.tx.drop("original"), left_on="original", right_on="tx", maintain_order="left"
    )
    lines, changes = copied(ledger, ringing)
    tx = first.join(
        again.select("original", void_start="start"), on="original", maintain_order="left"
    ).with_columns(
        start=pl.col("void_start") + 30 + pl.Series(rng.integers(0, 90, first.height)),
        original=pl.lit(None),
    )
    return with_voids.plus(Ledger.of(tx=tx, lines=lines, changes=changes))


def _suspend(ledger: Ledger, hit: pl.DataFrame, site: Site) -> Ledger:
    """Park the sale while the customer fetches something; nearly always it is fetched back."""
    rng = site.rng
    parked = ledger.mark(hit["tx"], status="suspended", pay=None, card=None, total_at=None)
    events = hit.select("tx", type=pl.lit("suspend"), at="total_at")
    back = hit.filter(pl.Series(rng.random(hit.height) >= NEVER_RESUMED)).with_columns(
        original="tx"
    )
    wait = np.clip(np.rint(200 * rng.lognormal(0, 0.8, back.height)), 20, 7200).astype(np.int64)
    tx = back.with_columns(
        tx=pl.Series(ledger.next_numbers(back.height)),
        start=pl.col("start") + pl.col("length") + pl.Series(wait),
        length=pl.lit(40),
        total_at=pl.lit(16),
        status=pl.lit("resumed"),
    )
    lines, changes = copied(ledger, tx.select("tx", "original"))
    fewer = tx.filter(pl.Series(rng.random(tx.height) < RESUMED_WITH_LESS))["tx"]
    left = (pl.col("line") == 1) & pl.col("tx").is_in(fewer.implode()) & (pl.len().over("tx") > 1)
    dropped = lines.filter(left).select("tx", "line")
    lines = lines.join(dropped, on=["tx", "line"], how="anti", maintain_order="left").with_columns(
        at=pl.lit(2)
    )
    changes = changes.join(dropped, on=["tx", "line"], how="anti", maintain_order="left")
    resume = tx.select("tx", type=pl.lit("resume"), at=pl.lit(0))
    return Ledger.concat(
        [
            parked,
            Ledger.of(events=events),
            Ledger.of(tx=tx, lines=lines, changes=changes, events=resume),
        ]
    )


_HAPPEN = {
    "line_void": _line_void,
    "cancel": _cancel,
    "post_void": _post_void,
    "suspend": _suspend,
}
