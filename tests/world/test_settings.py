"""The size of the chain."""

from shrinkwatch.world.settings import WorldSettings


def test_eight_weeks_are_56_days() -> None:
    assert WorldSettings().days == 56


def test_the_default_is_the_published_scale_and_at_least_half_a_million_sales() -> None:
    """3.4 cases per store and year; 20 stores × 56 days × 450 sales = 504,000."""
    settings = WorldSettings()
    assert settings.cases_per_store_year == 3.4
    assert settings.stores * settings.days * settings.transactions_per_store_day >= 500_000


def test_a_week_starts_on_a_monday() -> None:
    assert WorldSettings().start.isoweekday() == 1
