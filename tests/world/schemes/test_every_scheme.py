"""What holds for every theft of the folder; a new file inherits it."""

import re
from dataclasses import replace
from importlib import import_module

import numpy as np
import polars as pl
import pytest

from shrinkwatch.records.scheme import schemes as known_schemes
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.schemes import all_schemes
from shrinkwatch.world.theft import Scene, Scheme, Theft, Thief, Variant

EVERY = [pytest.param(scheme, id=name) for name, scheme in all_schemes().items()]
VARIANTS = pytest.mark.parametrize("variant", ["plain", "evasive"])


def act(
    scheme: Scheme,
    ledger: Ledger,
    thief: Thief,
    scene: Scene,
    variant: Variant = "plain",
    seed: int = 1,
) -> Theft:
    """Steal as often as can be from receipts of any size."""
    habit, steal = scheme.practice(variant)
    habit = replace(habit, shift_share=1.0, per_shift=2.0, least_minor=400, most_minor=100_000)
    return steal(ledger, thief, habit, scene, np.random.default_rng(seed))


@pytest.fixture
def thief(request: pytest.FixtureRequest, cashier: Thief, shopper: Thief) -> Thief:
    scheme: Scheme = request.node.callspec.params["scheme"]
    return cashier if scheme.actor == "operator" else shopper


@pytest.mark.parametrize("scheme", EVERY)
def test_it_is_a_scheme_of_the_records_with_its_number(scheme: Scheme) -> None:
    by_id = {known.id: known for known in known_schemes()}
    assert by_id[scheme.id].number == scheme.number


@pytest.mark.parametrize("scheme", EVERY)
def test_it_says_how_it_is_done_and_where_its_numbers_are_from(scheme: Scheme) -> None:
    text = import_module(f"shrinkwatch.world.schemes.{scheme.id}").__doc__ or ""
    assert "How:" in text
    assert "Numbers:" in text
    assert re.search(r"[Oo]ur\s+assumption|20\d\d", text)


@VARIANTS
@pytest.mark.parametrize("scheme", EVERY)
def test_thefts_are_worth_something_and_are_records_of_the_ledger(
    scheme: Scheme, variant: Variant, till: Ledger, thief: Thief, scene: Scene
) -> None:
    theft = act(scheme, till, thief, scene, variant)
    assert theft.rows["loss"].sum() > 0
    assert theft.rows["loss"].min() >= 0  # type: ignore[operator]
    assert theft.rows["tx"].is_in(theft.ledger.tx["tx"].implode()).all()


@pytest.mark.parametrize("scheme", EVERY)
def test_only_the_thief_s_own_records_within_the_series_are_stolen(
    scheme: Scheme, till: Ledger, thief: Thief, scene: Scene
) -> None:
    theft = act(scheme, till, thief, scene)
    stolen = theft.ledger.tx.join(theft.rows, on="tx", how="semi")
    whose = "operator" if scheme.actor == "operator" else "shopper"
    assert stolen[whose].unique().to_list() == [thief.actor]
    assert stolen["day"].is_between(thief.first_day, thief.last_day).all()


@pytest.mark.parametrize("scheme", EVERY)
def test_records_of_other_people_stay_as_they_were(
    scheme: Scheme, till: Ledger, thief: Thief, scene: Scene
) -> None:
    theft = act(scheme, till, thief, scene)
    whose = "operator" if scheme.actor == "operator" else "shopper"
    others = till.tx.filter(pl.col(whose) != thief.actor)["tx"]
    before, after = till.keep(others), theft.ledger.keep(others)
    assert after.tx.sort("tx").equals(before.tx.sort("tx"))
    assert after.lines.sort("tx", "line").equals(before.lines.sort("tx", "line"))


@VARIANTS
@pytest.mark.parametrize("scheme", EVERY)
def test_the_same_stream_of_chance_makes_the_same_theft(
    scheme: Scheme, variant: Variant, till: Ledger, thief: Thief, scene: Scene
) -> None:
    first, second = (act(scheme, till, thief, scene, variant, seed=9) for _ in range(2))
    assert first.rows.equals(second.rows)
    assert first.ledger.tx.equals(second.ledger.tx)


@VARIANTS
@pytest.mark.parametrize("scheme", EVERY)
def test_nobody_steals_before_their_time(
    scheme: Scheme, variant: Variant, till: Ledger, thief: Thief, scene: Scene
) -> None:
    later = replace(thief, first_day=40, last_day=50)
    theft = act(scheme, till, later, scene, variant)
    assert theft.rows.is_empty()
    assert theft.ledger.tx.equals(till.tx)


@pytest.mark.parametrize("scheme", EVERY)
def test_a_bolder_thief_steals_no_less(
    scheme: Scheme, till: Ledger, thief: Thief, scene: Scene
) -> None:
    habit = replace(scheme.habit, least_minor=400, most_minor=100_000, shift_share=0.5)
    counts = [
        sum(
            scheme.steal(
                till, replace(thief, boldness=boldness), habit, scene, np.random.default_rng(seed)
            ).rows.height
            for seed in range(8)
        )
        for boldness in (0.25, 4.0)
    ]
    assert counts[0] < counts[1]


@pytest.mark.parametrize("scheme", EVERY)
def test_its_evasion_differs_and_brings_less_or_is_rarer(
    scheme: Scheme, till: Ledger, thief: Thief, scene: Scene
) -> None:
    """The habits as they are but for the amounts, over ten seeds."""
    took = {}
    for variant in ("plain", "evasive"):
        habit, steal = scheme.practice(variant)
        habit = replace(habit, least_minor=400, most_minor=max(habit.most_minor, 3_600))
        thefts = [
            steal(till, thief, habit, scene, np.random.default_rng(seed)).rows for seed in range(10)
        ]
        took[variant] = sum(int(rows["loss"].sum()) for rows in thefts)
    assert scheme.evasive.how
    assert 0 < took["evasive"] <= took["plain"]
    assert scheme.practice("evasive") != scheme.practice("plain")


@VARIANTS
@pytest.mark.parametrize("scheme", EVERY)
def test_what_an_earlier_theft_used_is_left_alone(
    scheme: Scheme, variant: Variant, till: Ledger, thief: Thief, scene: Scene
) -> None:
    if scheme.actor != "operator":
        pytest.skip("a shopper practises one scheme")
    first = act(scheme, till, thief, scene, variant, seed=2)
    again = replace(thief, spoken_for=tuple(first.rows["tx"]))
    second = act(scheme, first.ledger, again, scene, variant, seed=3)
    assert second.rows.join(first.rows, on="tx", how="semi").is_empty()
