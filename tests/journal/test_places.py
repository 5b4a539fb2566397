"""Zones and currencies of stores, and what holds for the rest."""

import polars as pl

from shrinkwatch.journal.places import Places

STORES = pl.DataFrame(
    {
        "store_id": ["1", "2", "3"],
        "time_zone": ["Europe/Oslo", "Mars/Olympus", None],
        "currency": ["NOK", None, "SEK"],
    }
)


def test_a_store_has_its_own_zone_and_currency():
    places = Places.of(STORES, time_zone="UTC", currency="EUR")
    assert (places.zone_of("1"), places.currency_of("1")) == ("Europe/Oslo", "NOK")


def test_what_a_store_does_not_say_the_default_says():
    places = Places.of(STORES, time_zone="UTC", currency="EUR")
    assert (places.zone_of("3"), places.currency_of("2")) == ("UTC", "EUR")
    assert (places.zone_of("9"), places.currency_of("9")) == ("UTC", "EUR")


def test_a_zone_that_does_not_exist_is_not_known():
    assert Places.of(STORES).zone_of("2") is None
