"""People and their rosters."""

import numpy as np
import polars as pl

from shrinkwatch.world.settings import WorldSettings
from shrinkwatch.world.shops import shops
from shrinkwatch.world.staff import staff
from shrinkwatch.world.visits import Site


def test_nobody_has_two_posts_on_a_day(site: Site) -> None:
    assert not site.staff.sessions.select("day", "operator").is_duplicated().any()


def test_every_post_is_filled_every_day(site: Site) -> None:
    posts = sum(len(lane) for lane in site.shop.format.lanes) + len(site.shop.format.desk)
    assert site.staff.sessions.group_by("day").len()["len"].to_list() == [posts] * site.days


def test_lanes_are_cashiers_and_the_desk_is_clerks(site: Site) -> None:
    role = site.staff.table["role"]
    at = site.staff.sessions.with_columns(role=role.gather(site.staff.sessions["operator"]))
    desk = pl.col("register").is_in(list(site.shop.desk))
    assert at.filter(desk)["role"].unique().to_list() == ["service_desk"]
    assert at.filter(~desk)["role"].unique().to_list() == ["cashier"]


def test_two_different_supervisors_share_the_day(site: Site) -> None:
    assert (site.staff.on_duty[:, 0] != site.staff.on_duty[:, 1]).all()
    assert np.isin(site.staff.on_duty, site.staff.of_role("supervisor")).all()


def test_a_starter_is_three_times_as_clumsy_on_the_first_day_and_not_after_half_a_year(
    site: Site,
) -> None:
    """1 + 2·e⁰ = 3, and 1 + 2·e^(−180/20) ≈ 1.0002."""
    site.staff.hired_day[0] = 10
    who = np.array([0, 0], dtype=np.int32)
    factor = site.staff.clumsiness("cancel", who, np.array([10, 190], dtype=np.int32))
    assert np.allclose(factor / site.staff.quirk["cancel"][0], [3.0, 1.0], atol=0.001)


def test_only_the_self_checkout_is_nobody(site: Site) -> None:
    virtual = site.staff.table.filter("virtual")
    assert virtual["role"].to_list() == ["self_checkout"]
    assert virtual["employee_id"].null_count() == 1
    assert site.staff.table["employee_id"].drop_nulls().is_unique().all()


def test_a_new_store_hires_for_its_tills_shortly_before_and_nobody_works_earlier() -> None:
    shop = shops(WorldSettings(), np.random.default_rng(1))[0]
    people = staff(shop, 28, np.random.default_rng(2), opens_on=14)
    at_tills = list(people.of_role("cashier", "service_desk"))
    assert (people.hired_day[at_tills] >= 4).all()
    assert people.sessions["day"].min() == 14
