import polars as pl
import pytest

from shrinkwatch.records.batch import Batch
from shrinkwatch.records.scheme import schemes
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.book import load_rules
from shrinkwatch.rules.detectability import detectability, headlines, lost_without
from shrinkwatch.rules.fields import fields
from shrinkwatch.rules.profile import Count, FieldProfile, profile

RULES = load_rules()
OPERATOR_SCHEMES = {one.id for one in schemes() if one.actors == ("operator",)}


def with_everything(**but: Count) -> FieldProfile:
    counts = dict.fromkeys(fields(), Count(1)) | but
    return FieldProfile("feed", 10, frozenset({"1", "2"}), counts)


def by_id(feed: FieldProfile):
    return {one.scheme: one for one in detectability(feed, RULES)}


def test_a_feed_with_everything_shows_every_scheme_that_a_rule_hunts():
    hunted = {rule.scheme for rule in RULES}
    for id_, one in by_id(with_everything()).items():
        assert (one.verdict, one.watched) == (
            ("visible", True) if id_ in hunted else ("not", False)
        )
        assert (one.carried, one.missing, one.sharper) == ("all", (), ())


def test_what_no_rule_hunts_is_not_called_visible():
    one = by_id(with_everything())["transfer_loss"]
    assert (one.verdict, one.rules) == ("not", ())
    assert one.sentence == "No rule hunts it yet; the feed carries all that it needs."
    one = by_id(with_everything(**{"stock_moves.transfer": Count(0)}))["transfer_loss"]
    assert one.sentence == "No rule hunts it yet, and the feed does not carry stock_moves.transfer."
    one = by_id(with_everything(**{"stock_moves.user_id": Count(1, 2)}))["write_off_abuse"]
    assert one.sentence == "No rule hunts it yet; of what it needs stock_moves.user_id is on 50%."


def test_a_scheme_whose_rules_are_all_switched_off_is_not_hunted():
    seen = detectability(with_everything(), [rule for rule in RULES if rule.scheme != "post_void"])
    (one,) = [one for one in seen if one.scheme == "post_void"]
    assert (one.verdict, one.carried, one.watched) == ("not", "all", False)


def test_a_feed_with_nothing_shows_none_and_says_what_it_takes():
    for one in detectability(FieldProfile("feed", 10), RULES):
        assert one.verdict == "not"
        assert one.carried == "lacking"
        assert one.missing
        assert one.takes
        assert " the feed does not carry " in one.sentence


def test_a_rule_that_lacks_what_it_needs_does_not_make_a_scheme_visible():
    feed = with_everything(**{"type.no_sale": Count(0)})  # drawer openings are there
    one = by_id(feed)["void_then_no_sale"]
    assert (one.verdict, one.carried, one.rules) == ("not", "all", ())
    assert one.missing == ("type.no_sale",)
    assert one.takes == ("drawer openings without a sale",)
    assert one.sentence == "Cannot be seen: the feed does not carry type.no_sale."


def test_what_would_make_a_scheme_plainer_is_named():
    one = by_id(with_everything(**{"registers.lane_type": Count(0, 9)}))["post_void"]
    assert (one.verdict, one.sharper) == ("visible", ("registers.lane_type",))


def test_the_schemes_that_a_lost_field_costs_are_named():
    lost = lost_without("type.no_sale", with_everything(), RULES)
    assert lost == ("void_then_no_sale",)
    assert lost_without("images", with_everything(), RULES) == ()
    assert "post_void" in lost_without("operator_id", with_everything(), RULES)


def test_the_headline_tells_what_no_feed_could_mend():
    feed = with_everything()
    seen = detectability(feed, RULES)
    unwatched = 41 - len({rule.scheme for rule in RULES})
    (line,) = headlines(feed, seen)
    assert line == (
        f"feed: of 41 schemes {41 - unwatched} can be seen, 0 partly, {unwatched} not; no rule "
        f"hunts {unwatched} of those yet, though the feed carries all fields of {unwatched}."
    )


def test_without_operators_no_scheme_of_an_operator_can_be_seen():
    feed = with_everything(operator_id=Count(0, 10))
    for id_, one in by_id(feed).items():
        if id_ in OPERATOR_SCHEMES:
            assert one.verdict == "not", id_
            assert "operator_id" in one.missing, id_
    assert any(
        line == "No receipt carries operator_id: no scheme of any operator can be seen."
        for line in headlines(feed, detectability(feed, RULES))
    )


def test_nobody_is_missed_whom_a_till_feed_never_names():
    feed = FieldProfile("feed", 10)
    _, *nobody = headlines(feed, detectability(feed, RULES))
    assert [line.rsplit("any ")[1] for line in nobody] == [
        f"{actor} can be seen." for actor in ("operator", "card", "customer", "loyalty")
    ]


def test_either_of_two_fields_is_enough():
    neither = {"type.no_sale": Count(0), "events.drawer_open": Count(0)}
    assert by_id(with_everything(**neither))["void_then_no_sale"].verdict == "not"
    del neither["type.no_sale"]
    assert by_id(with_everything(**neither))["void_then_no_sale"].verdict == "visible"


def test_a_field_on_some_rows_makes_it_partly_visible():
    one = by_id(with_everything(original=Count(3, 10)))["refund_without_receipt"]
    assert one.verdict == "partly"
    assert one.sentence == "Partly: original is on 30%."


def test_a_rule_that_needs_less_than_its_scheme_still_speaks():
    one = by_id(with_everything(**{"original.void": Count(0, 10)}))["post_void"]
    assert one.verdict == "partly"
    assert one.rules == ("post_void_rate",)
    assert "without original.void" in one.sentence


def test_returns_without_a_receipt_do_not_blur_post_voids_that_name_theirs():
    feed = with_everything(**{"original": Count(5, 10), "original.void": Count(3, 3)})
    assert by_id(feed)["post_void"].verdict == "visible"
    assert by_id(feed)["refund_without_receipt"].sentence == "Partly: original is on 50%."


@pytest.fixture(scope="module")
def online_retail(shared_data) -> FieldProfile:
    """The whole file as invoices and lines: customers and products, no till and no cashier."""
    file = shared_data / "online_retail" / "online_retail_2010-12_2011-06.parquet"
    if not file.is_file():
        pytest.skip(f"no file {file}")
    invoices = (
        pl.read_parquet(file)
        .rename(str.lower)
        .group_by("invoiceno", maintain_order=True)
        .agg(pl.col("customerid").first(), pl.col("stockcode"), pl.col("quantity"))
        .with_row_index("tx")
    )
    empty = Batch.empty()
    transactions = invoices.select(
        source=pl.lit("online_retail"),
        store_id=pl.lit("web"),
        type=pl.when(pl.col("invoiceno").cast(pl.String).str.starts_with("C"))
        .then(pl.lit("return"))
        .otherwise(pl.lit("sale")),
        customer_id=pl.col("customerid").cast(pl.String),
    )
    lines = invoices.select("tx", sku="stockcode", quantity="quantity").explode("sku", "quantity")
    batch = Batch(transactions, lines, empty.price_changes, empty.tenders, empty.events)
    (found,) = profile([batch], Tables())
    return found


def test_online_retail_shows_no_scheme_of_an_operator(online_retail):
    seen = by_id(online_retail)
    assert {id_ for id_ in OPERATOR_SCHEMES if seen[id_].verdict != "not"} == set()
    assert {id_ for id_, one in seen.items() if one.verdict == "visible"} == set()


def test_online_retail_shows_the_size_of_returns_by_customer_and_product(online_retail):
    one = by_id(online_retail)["refund_without_receipt"]
    assert one.verdict == "partly"
    assert set(one.rules) == {"enormous_return_by_customer", "enormous_return_of_sku"}
    assert set(one.actors) == {"customer", "sku"}
    assert {"original", "operator_id"} <= set(one.missing)
