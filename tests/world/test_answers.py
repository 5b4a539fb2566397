"""The answer sheets name real records, real actors and short episodes."""

import polars as pl

from shrinkwatch.world.calendar import HABITS, SPELLS
from shrinkwatch.world.chain import World

KEY = ["store_id", "register_id", "business_date", "sequence"]


def test_every_stolen_row_is_a_record_of_the_feed(busy: World) -> None:
    assert busy.incidents.join(busy.transactions, on=KEY, how="anti").is_empty()
    assert not busy.incidents.select(*KEY, "scheme").is_duplicated().any()


def test_an_incident_is_one_actor_one_scheme_and_at_most_28_days(busy: World) -> None:
    each = busy.incidents.group_by("incident_id").agg(
        pl.col("scheme").n_unique(),
        pl.col("variant").n_unique(),
        pl.struct(
            pl.when(pl.col("actor_type") == "operator").then("store_id"), "actor_type", "actor_id"
        )
        .n_unique()
        .alias("actors"),
        (pl.col("business_date").max() - pl.col("business_date").min()).dt.total_days().alias("d"),
        pl.col("loss_minor").sum(),
    )
    assert each["scheme"].max() == 1
    assert each["variant"].max() == 1
    assert each["actors"].max() == 1
    assert each.filter(pl.col("d") >= 28).is_empty()
    assert each.filter(pl.col("loss_minor") <= 0).is_empty()


def test_an_operator_s_theft_is_rung_by_that_operator(busy: World) -> None:
    plain = (pl.col("actor_type") == "operator") & (pl.col("variant") == "plain")
    rows = busy.incidents.filter(plain).join(busy.transactions, on=KEY)
    assert rows.filter(pl.col("operator_id") != pl.col("actor_id")).is_empty()


def test_some_thieves_hide_what_they_do(busy: World) -> None:
    thieves = busy.incidents.select("scheme", "variant", "store_id", "actor_id").unique()
    hidden = (thieves["variant"] == "evasive").mean()
    assert set(thieves["variant"]) == {"plain", "evasive"}
    assert 0.1 < hidden < 0.45  # type: ignore[operator]


def test_a_skip_scanner_is_named_by_loyalty_id_or_else_by_card(busy: World) -> None:
    rows = busy.incidents.filter(pl.col("scheme") == "self_checkout_skip_scan")
    shown = rows.join(busy.transactions, on=KEY)
    loyal = shown.filter(pl.col("actor_type") == "loyalty", pl.col("loyalty_id").is_not_null())
    assert loyal.filter(pl.col("loyalty_id") != pl.col("actor_id")).is_empty()
    cards = rows.filter(pl.col("actor_type") == "card")["actor_id"]
    assert set(cards) <= set(busy.tenders["card_token"].drop_nulls())
    assert set(rows["actor_type"]) <= {"loyalty", "card"}


def test_a_customer_is_named_by_id_or_else_by_card(busy: World) -> None:
    schemes = ["cross_store_refund_ring", "online_return_abuse"]
    rows = busy.incidents.filter(pl.col("scheme").is_in(schemes)).join(busy.transactions, on=KEY)
    assert set(rows["actor_type"]) == {"customer", "card"}
    named = rows.filter(pl.col("actor_type") == "customer")
    assert (named["customer_id"] == named["actor_id"]).all()
    cards = rows.filter(pl.col("actor_type") == "card")
    assert cards["customer_id"].null_count() == cards.height
    assert set(cards["actor_id"]) <= set(busy.tenders["card_token"].drop_nulls())


def test_a_ring_s_incident_spans_the_stores_that_it_went_round(busy: World) -> None:
    ring = busy.incidents.filter(pl.col("scheme") == "cross_store_refund_ring")
    stores = ring.group_by("incident_id").agg(pl.col("store_id").n_unique())["store_id"]
    assert stores.max() >= 3  # type: ignore[operator]


def test_a_thief_has_honest_days_too(busy: World) -> None:
    thieves = busy.incidents.filter(pl.col("actor_type") == "operator").select(
        "store_id", operator_id="actor_id"
    )
    work = busy.transactions.join(thieves.unique(), on=["store_id", "operator_id"], how="semi")
    stolen = work.join(busy.incidents, on=KEY, how="semi")
    assert stolen.height < work.height / 10


def test_every_kind_of_lookalike_is_on_its_sheet(busy: World) -> None:
    assert set(busy.lookalikes["kind"]) == {
        "new_starter",
        "service_desk",
        "promotion_day",
        "cancel_as_price_check",
        "outage",
        "helping_supervisor",
        "bulk_buyer",
        "recall",
        "price_file_error",
        "trader",
        "exempt_buyer",
        "house_card",
        *HABITS,
        *SPELLS,
    }
    assert busy.lookalikes.filter(pl.col("from") > pl.col("to")).is_empty()
