"""The day at the till beside the sales: signing on, change, float, training, gift cards, help.

Frequencies are our assumption: a no-sale on two of three shifts, an assistant at 6 % and a scale
alarm at 5 % of self-checkout sales, one receipt in 250 printed twice.
"""

import numpy as np
import polars as pl

from shrinkwatch.world.cash_office import cash_office
from shrinkwatch.world.changed_tenders import changed_tenders
from shrinkwatch.world.credit import store_credit
from shrinkwatch.world.departments import DEPARTMENTS
from shrinkwatch.world.gift_cards import gift_cards
from shrinkwatch.world.inquiries import price_checks
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.practice import practice
from shrinkwatch.world.skipped import noticed
from shrinkwatch.world.visits import Site

NO_SALES = 0.7
NO_SALE_AFTER_VOID = 0.06
INQUIRIES = 0.012
ASSISTS, SCALE_ALARMS = 0.06, 0.05
FORGOTTEN = 0.0033
REPRINTS = 0.004


def routine(ledger: Ledger, site: Site) -> Ledger:
    """Return the ledger with everything beside the sales that an honest day brings."""
    ledger = store_credit(gift_cards(ledger, site), site)
    ledger = price_checks(changed_tenders(ledger, site), site)
    ledger = _reprints(ledger, site)
    ledger = _forgotten_scans(ledger, site)
    ledger = ledger.plus(Ledger.of(events=_events(ledger, site)))
    ledger = practice(ledger, site)
    ledger = _no_sales(ledger, site)
    return cash_office(_shift_records(ledger, site), site)


def _reprints(ledger: Ledger, site: Site) -> Ledger:
    """Print some receipts a second time: the paper ran out, the customer wants a copy."""
    sold = ledger.tx.filter(
        pl.col("type") == "sale",
        pl.col("status") == "completed",
        pl.Series(site.rng.random(ledger.tx.height) < REPRINTS),
    )
    events = sold.select("tx", type=pl.lit("reprint"), at="length")
    return ledger.mark(sold["tx"], reprints=1).plus(Ledger.of(events=events))


def _forgotten_scans(ledger: Ledger, site: Site) -> Ledger:
    """Take out lines that honest shoppers forgot to scan at the self-checkout."""
    alone = ledger.tx.filter(
        pl.col("operator") == site.staff.self_checkout, pl.col("status") == "completed"
    ).select("tx")
    lucky = pl.Series(site.rng.random(ledger.lines.height) < FORGOTTEN)
    few = ledger.lines.filter(lucky).join(alone, on="tx", how="semi", maintain_order="left")
    sizes = (
        ledger.lines.join(few.select("tx"), on="tx", how="semi", maintain_order="left")
        .group_by("tx")
        .len()
    )
    gone = few.join(sizes.filter(pl.col("len") > 1), on="tx", maintain_order="left").unique(
        "tx", keep="first", maintain_order=True
    )
    keys = gone.select("tx", "line")
    left = Ledger(
        ledger.tx,
        ledger.lines.join(keys, on=["tx", "line"], how="anti", maintain_order="left"),
        ledger.changes.join(keys, on=["tx", "line"], how="anti", maintain_order="left"),
        ledger.events,
    )
    return left.plus(Ledger.of(events=noticed(gone, site.rng)))


def _events(ledger: Ledger, site: Site) -> pl.DataFrame:
    """Return what happens during sales: price inquiries, assistants, scale alarms, age checks."""
    rng = site.rng
    sales = ledger.tx.filter(pl.col("type") == "sale", pl.col("total_at").is_not_null())
    alone = sales.filter(pl.col("operator") == site.staff.self_checkout)
    staffed = sales.filter(pl.col("operator") != site.staff.self_checkout)
    quirk = site.staff.clumsiness(
        "inquiry", staffed["operator"].to_numpy(), staffed["day"].to_numpy()
    )
    found = [
        (
            "price_inquiry",
            staffed.filter(pl.Series(rng.random(staffed.height) < INQUIRIES * quirk)),
        ),
        ("assist", alone.filter(pl.Series(rng.random(alone.height) < ASSISTS))),
        ("weight_mismatch", alone.filter(pl.Series(rng.random(alone.height) < SCALE_ALARMS))),
        ("age_check", _age_checked(ledger, sales, site)),
    ]
    return pl.concat(
        [
            tx.select(
                "tx",
                type=pl.lit(kind),
                at=(pl.col("total_at") * pl.Series(rng.random(tx.height))).cast(pl.Int32),
            )
            for kind, tx in found
        ]
    )


def _age_checked(ledger: Ledger, sales: pl.DataFrame, site: Site) -> pl.DataFrame:
    names = [name for name, department in DEPARTMENTS.items() if department.age_checked]
    items = np.flatnonzero(np.isin(site.goods.departments(), names))
    with_drink = ledger.lines.filter(pl.col("item").is_in(items.tolist()))["tx"].unique()
    return sales.filter(pl.col("tx").is_in(with_drink.implode()))


def _no_sales(ledger: Ledger, site: Site) -> Ledger:
    """Open the drawer for change now and then, seldom after a cancel, post-void or price check."""
    rng = site.rng
    sessions = site.staff.sessions
    quirk = site.staff.clumsiness(
        "no_sale", sessions["operator"].to_numpy(), sessions["day"].to_numpy()
    )
    often = rng.poisson(NO_SALES * quirk * site.shop.muddle)
    change = sessions[np.repeat(np.arange(sessions.height), often)].select(
        "register",
        "operator",
        "day",
        start=pl.col("day") * 86_400
        + pl.col("begins")
        + ((pl.col("ends") - pl.col("begins")) * pl.Series(rng.random(int(often.sum())))).cast(
            pl.Int64
        ),
    )
    undone = ledger.tx.filter(
        (pl.col("status") == "cancelled") | pl.col("type").is_in(["void", "price_check"]),
        pl.col("operator") != site.staff.self_checkout,
    )
    undone = undone.filter(pl.Series(rng.random(undone.height) < NO_SALE_AFTER_VOID))
    after = undone.select(
        "register",
        "operator",
        "day",
        start=pl.col("start") + pl.col("length") + pl.Series(rng.integers(8, 180, undone.height)),
    )
    tx = pl.concat([change.cast(after.schema), after])
    tx = tx.with_columns(
        pl.Series("tx", ledger.next_numbers(tx.height)), type=pl.lit("no_sale"), length=pl.lit(5)
    )
    drawer = tx.select("tx", type=pl.lit("drawer_open"), at=pl.lit(1))
    return ledger.plus(Ledger.of(tx=tx, events=drawer))


def _shift_records(ledger: Ledger, site: Site) -> Ledger:
    """Sign on before a shift and off after it."""
    shift = site.staff.sessions.with_columns(midnight=pl.col("day").cast(pl.Int64) * 86_400)
    ends = pl.col("midnight") + pl.col("ends")
    ahead = pl.when(pl.col("begins") == site.shop.opens_s).then(90).otherwise(1)
    begins = pl.col("midnight") + pl.col("begins") - ahead
    who = ("register", "operator", "day")
    records = [
        shift.select(*who, start=begins, type=pl.lit("sign_on"), length=pl.lit(6)),
        shift.select(*who, start=ends - 2, type=pl.lit("sign_off"), length=pl.lit(4)),
    ]
    tx = pl.concat(records)
    numbered = tx.with_columns(pl.Series("tx", ledger.next_numbers(tx.height)))
    return ledger.plus(Ledger.of(tx=numbered))
