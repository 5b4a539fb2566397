"""Households and tokens."""

import numpy as np

from shrinkwatch.world.shoppers import token
from shrinkwatch.world.visits import Site


def test_a_few_households_make_many_of_the_visits(site: Site):
    visits = np.sort(np.diff(site.shoppers.cumulative, prepend=0.0))[::-1]
    best_fifth = visits[: site.shoppers.count // 5].sum()
    assert 0.4 < best_fifth < 0.7


def test_about_the_format_s_share_has_a_loyalty_card(site: Site):
    assert abs(site.shoppers.member.mean() - site.shop.format.loyalty) < 0.06


def test_tokens_of_different_numbers_differ_and_show_no_order():
    numbers = np.arange(10_000)
    tokens = token(numbers)
    assert np.unique(tokens).size == 10_000
    rising = (np.diff(tokens.astype(np.float64)) > 0).mean()
    assert 0.48 < rising < 0.52


def test_the_token_of_one_is_the_reference_value_of_splitmix64():
    """First output of splitmix64 seeded with 0 (Vigna's reference code): e220a8397b1dcdaf."""
    assert hex(int(token(np.array([1]))[0])) == "0xe220a8397b1dcdaf"
