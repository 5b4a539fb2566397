"""One or two articles, keyed from memory."""

import numpy as np
import polars as pl

from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes.keyed_refund import SCHEME
from shrinkwatch.world.theft import Habit, Scene, Theft, Thief, Variant

HABIT = Habit(shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)


def act(
    till: Ledger, thief: Thief, scene: Scene, variant: Variant = "plain", seed: int = 3
) -> Theft:
    steal = SCHEME.practice(variant)[1]
    return steal(till, thief, HABIT, scene, np.random.default_rng(seed))


def _lines(theft: Theft) -> pl.DataFrame:
    return theft.ledger.lines.filter(pl.col("kind") == "return")


def test_one_piece_is_keyed_for_cash(till: Ledger, cashier: Thief, scene: Scene) -> None:
    theft = act(till, cashier, scene)
    lines = _lines(theft)
    assert lines["entry"].unique().to_list() == ["key"]
    assert lines["quantity"].unique().to_list() == [-1.0]
    assert lines.sort("tx")["price"].to_list() == theft.rows.sort("tx")["loss"].to_list()
    back = theft.ledger.tx.filter(pl.col("type") == "return")
    assert back["pay"].unique().to_list() == ["cash"]


def test_some_name_a_receipt_that_had_the_article_and_some_none(
    till: Ledger, cashier: Thief, scene: Scene
) -> None:
    theft = act(till, cashier, scene)
    back = theft.ledger.tx.filter(pl.col("type") == "return")
    assert 0 < back["original"].null_count() < back.height
    named = back.drop_nulls("original").join(_lines(theft).select("tx", "item"), on="tx")
    sold = named.join(till.lines, left_on=["original", "item"], right_on=["tx", "item"])
    assert sold.height == named.height


def test_a_thief_knows_few_numbers_by_heart(till: Ledger, cashier: Thief, scene: Scene) -> None:
    for seed in range(5):
        assert _lines(act(till, cashier, scene, seed=seed))["item"].n_unique() <= 2


def test_hidden_about_half_are_scanned(till: Ledger, cashier: Thief, scene: Scene) -> None:
    entries = pl.concat(
        [_lines(act(till, cashier, scene, "evasive", seed))["entry"] for seed in range(10)]
    )
    assert 0.35 < (entries == "scan").mean() < 0.65  # type: ignore[operator]
