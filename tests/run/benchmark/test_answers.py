"""The answers say of a simulated chain what its own sheets say."""

from datetime import date

import polars as pl
import pytest

from shrinkwatch.run.benchmark.answers import Answers, answers_of, key_of, monday
from shrinkwatch.world.chain import World, simulate
from shrinkwatch.world.settings import WorldSettings


@pytest.fixture(scope="module")
def world() -> World:
    """Two stores, two weeks, thieves everywhere, and an article that is recalled."""
    return simulate(
        WorldSettings(
            stores=2,
            weeks=2,
            seed=3,
            transactions_per_store_day=60,
            cases_per_store_year=20.0,
            schemes=("post_void", "self_checkout_skip_scan"),
        )
    )


@pytest.fixture(scope="module")
def known(world: World) -> Answers:
    return answers_of(world)


def test_every_row_of_the_sheet_is_a_theft(world: World, known: Answers) -> None:
    assert len(known.thefts) == world.incidents.height > 0
    assert sum(one.loss_minor for one in known.thefts) == world.incidents["loss_minor"].sum()
    kinds = {one.actor[0] for one in known.thefts}
    assert kinds == set(world.incidents["actor_type"])


def test_a_theft_has_the_time_and_week_of_its_receipt(world: World, known: Answers) -> None:
    ended = {
        key_of(*row[:5]): row[5]
        for row in world.transactions.select(
            "source", "store_id", "register_id", "business_date", "sequence", "ended_at"
        ).iter_rows()
    }
    assert all(one.at == ended[one.key] for one in known.thefts)
    assert all(one.week == monday(date.fromisoformat(one.key[3])) for one in known.thefts)
    assert all(one.week.weekday() == 0 for one in known.thefts)


def test_staff_belong_to_a_store_and_outsiders_to_none(known: Answers) -> None:
    for one in known.thefts:
        kind, name, store = one.actor
        assert (kind == "operator") == bool(store)
        assert kind != "operator" or (store, name) in known.operators


def test_an_odd_article_is_known_by_the_receipts_that_bring_it_back(
    world: World, known: Answers
) -> None:
    articles = [one for one in known.lookalikes if one.kind == "recall"]
    assert articles
    keys = {key for one in articles for key in one.keys}
    back = world.transactions.with_row_index("tx").filter(pl.col("type") == "return")
    returned = {
        key_of(*row)
        for row in back.select(
            "source", "store_id", "register_id", "business_date", "sequence"
        ).iter_rows()
    }
    assert keys & returned
    assert all(one.store == key[1] for one in articles for key in one.keys)
