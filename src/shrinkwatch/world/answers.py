"""The answer sheets: which records were theft and whose, and which honest people looked odd."""

from collections.abc import Mapping, Sequence

import polars as pl

from shrinkwatch.world.lookalikes import bulk_buyer
from shrinkwatch.world.odd_sheet import Oddity, odd_rows
from shrinkwatch.world.papers import Papers, customer_id
from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.theft import Scheme
from shrinkwatch.world.visits import Site

EPISODE_DAYS = 28

_ACTORS = ("operator", "shopper", "customer")

KEY = ("source", "store_id", "register_id", "business_date", "sequence")


def incidents(
    page: Papers, stolen: pl.DataFrame, site: Site, schemes: Mapping[str, Scheme]
) -> pl.DataFrame:
    """Return the store's stolen records: key, scheme, variant, actor_type, actor_id, loss_minor.

    stolen: `tx, loss, scheme, variant, thief`. An actor is an operator; or a shopper's loyalty id
    or else card; or a customer's id or else card.
    """
    by = {kind: [s.id for s in schemes.values() if s.actor == kind] for kind in _ACTORS}
    rows = (
        stolen.join(page.number, on="tx", maintain_order="left")
        .sort("row")
        .with_columns(
            page.transactions[
                stolen.join(page.number, on="tx", maintain_order="left").sort("row")["row"]
            ]
        )
    )
    people = site.staff.table["operator_id"]
    working = pl.col("scheme").is_in(by["operator"])
    operator = people.gather(rows.select(pl.when(working).then("thief")).to_series())
    rows = rows.with_columns(operator=operator, **_shopper_ids(page, rows))
    known = (
        pl.when(pl.col("scheme").is_in(by["shopper"]))
        .then(pl.struct(kind=pl.lit("loyalty"), name="loyalty"))
        .when(pl.col("scheme").is_in(by["customer"]))
        .then(pl.struct(kind=pl.lit("customer"), name="customer_id"))
        .otherwise(pl.struct(kind=pl.lit("operator"), name="operator"))
    )
    named = known.struct.field("name").is_not_null()
    return rows.select(
        *KEY,
        scheme="scheme",
        variant="variant",
        actor_type=pl.when(named).then(known.struct.field("kind")).otherwise(pl.lit("card")),
        actor_id=pl.when(named).then(known.struct.field("name")).otherwise("card"),
        loss_minor="loss",
    )


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the chain's stolen records as rows of `incidents.csv`.

    An incident is one actor's thefts by one scheme within 28 days of the first; later ones are the
    next incident. A customer's or a shopper's may lie in several stores and is named after the
    first of them.
    """
    whose = ("scheme", "actor_type", "actor_id", "where")
    at_work = pl.col("actor_type") == "operator"
    days = rows.with_columns(where=pl.when(at_work).then("store_id")).with_columns(
        first=pl.col("business_date").min().over(whose),
        home=pl.col("store_id").sort_by("business_date", "store_id").first().over(whose),
    )
    episode = (pl.col("business_date") - pl.col("first")).dt.total_days() // EPISODE_DAYS + 1
    name = pl.concat_str("scheme", "home", "actor_id", episode.cast(pl.String), separator="-")
    return days.with_columns(incident_id=name).select(
        *KEY, "incident_id", "scheme", "variant", "actor_type", "actor_id", "loss_minor"
    )


def _shopper_ids(page: Papers, rows: pl.DataFrame) -> dict[str, pl.Series]:
    """Return for each row the shopper's loyalty id and card token, wherever they were shown."""
    cards = (
        page.tenders.filter(pl.col("card_token").is_not_null())
        .group_by(row="tx")
        .agg(card=pl.col("card_token").first())
    )
    seen = (
        rows.select("scheme", "thief", "row", "loyalty_id")
        .join(cards, on="row", how="left", maintain_order="left")
        .with_columns(
            loyalty=pl.col("loyalty_id").drop_nulls().first().over("scheme", "thief"),
            card=pl.col("card")
            .drop_nulls()
            .mode(maintain_order=True)
            .first()
            .over("scheme", "thief"),
        )
    )
    return {"loyalty": seen["loyalty"], "card": seen["card"]}


def lookalike_sheet(sites: Sequence[Site], settings: WorldSettings) -> pl.DataFrame:
    """Return the rows of `lookalikes.csv`: kind, store, subject, and the dates from and to.

    subject_id is null where the store as a whole looks odd.
    """
    rows = [
        (kind, site.shop.store_id, subject, name, first, last)
        for site in sites
        for kind, subject, name, first, last in (
            *_odd_people(site),
            *_odd_days(site),
            *_odd_stores(site),
            *(odd_rows(site) if settings.lookalikes else ()),
        )
    ]
    columns = ("kind", "store_id", "subject_type", "subject_id", "from", "to")
    days = pl.DataFrame(rows, schema=columns, orient="row")
    start = pl.lit(settings.start)
    return days.with_columns(
        (start + pl.duration(days=pl.col(end))).alias(end) for end in ("from", "to")
    )


def _odd_people(site: Site) -> list[Oddity]:
    """Return new starters (28 days from hiring), service desks and helping supervisors."""
    last = site.days - 1
    ids = site.staff.table["operator_id"].to_list()
    starters: list[Oddity] = [
        ("new_starter", "operator", ids[row], max(0, hired), min(last, hired + 28))
        for row, hired in enumerate(site.staff.hired_day.tolist())
        if hired + 28 >= 0
    ]
    roles = [("service_desk", "service_desk")]
    if site.shop.index in site.calendar.helped_stores:
        roles.append(("helping_supervisor", "supervisor"))
    return starters + [
        (kind, "operator", ids[row], 0, last)
        for kind, role in roles
        for row in site.staff.of_role(role)
    ]


def _odd_days(site: Site) -> list[Oddity]:
    """Return promotion days, the outage, the recall and the error in the price file."""
    plan, sku = site.calendar, site.goods.table["sku"]
    days: list[Oddity] = [
        *(
            ("promotion_day", "store", None, day, day)
            for day in plan.promotion_days
            if day >= site.opens_on
        ),
        *(
            ("outage", "store", None, span.first_day, span.last_day)
            for span in plan.outages_of(site.shop)
            if span.first_day >= site.opens_on
        ),
    ]
    for kind, event in (("recall", plan.recall), ("price_file_error", plan.price_error)):
        if event is not None and site.stocks(event[0]):
            days.append((kind, "sku", sku[event[0]], event[1].first_day, event[1].last_day))
    return days


def _odd_stores(site: Site) -> list[Oddity]:
    """Return where cancel is used as a price check, and who buys in bulk."""
    plan, last = site.calendar, site.days - 1
    found: list[Oddity] = []
    if site.shop.index in plan.price_check_stores:
        found.append(("cancel_as_price_check", "store", None, 0, last))
    if site.shop.index in plan.bulk_stores:
        found.append(("bulk_buyer", "customer", customer_id(bulk_buyer(site)), 0, last))
    if site.shop.index in plan.growing:
        found.append(("growing_store", "store", None, 0, last))
    if site.opens_on > 0:
        found.append(("new_store", "store", None, site.opens_on, last))
    return found
