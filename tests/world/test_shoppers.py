"""Households and tokens."""

import numpy as np

from shrinkwatch.world.shoppers import is_member, token
from shrinkwatch.world.visits import Site


def test_a_few_households_make_many_of_the_visits(site: Site) -> None:
    visits = np.sort(np.diff(site.shoppers.cumulative, prepend=0.0))[::-1]
    best_fifth = visits[: site.shoppers.count // 5].sum()
    assert 0.4 < best_fifth < 0.7


def test_about_the_share_asked_for_are_members_and_a_member_stays_one_where_more_are() -> None:
    some, more = (is_member(np.arange(10_000), share) for share in (0.3, 0.6))
    assert abs(some.mean() - 0.3) < 0.02
    assert abs(more.mean() - 0.6) < 0.02
    assert (more | ~some).all()


def test_tokens_of_different_numbers_differ_and_show_no_order() -> None:
    numbers = np.arange(10_000)
    tokens = token(numbers)
    assert np.unique(tokens).size == 10_000
    rising = (np.diff(tokens.astype(np.float64)) > 0).mean()
    assert 0.48 < rising < 0.52


def test_the_token_of_one_is_the_reference_value_of_splitmix64() -> None:
    """First output of splitmix64 seeded with 0 (Vigna's reference code): e220a8397b1dcdaf."""
    assert hex(int(token(np.array([1]))[0])) == "0xe220a8397b1dcdaf"
