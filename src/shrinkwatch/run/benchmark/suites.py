"""The chains on which detection is measured, fixed once and named."""

from msgspec import Struct

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.rulebook import nearest
from shrinkwatch.world.settings import WorldSettings

WEEKS = 8


class Configuration(Struct, frozen=True):
    """One simulated chain of a suite; `name` is the same wherever it is spoken of."""

    name: str
    settings: WorldSettings


def suite(name: str) -> tuple[Configuration, ...]:
    """Return the suite's configurations.

    Raises: Refused when no suite has this name.

    >>> len(suite("v1"))
    12
    """
    if name not in _SUITES:
        raise Refused(f"no suite is called {name}; {nearest(name, list(_SUITES))}")
    return _SUITES[name]


def _eight_weeks(
    seed: int, stores: int, intensity: float, a_day: float = 450.0, evasive: float = 0.25
) -> Configuration:
    settings = WorldSettings(
        seed=seed,
        stores=stores,
        weeks=WEEKS,
        intensity=intensity,
        transactions_per_store_day=a_day,
        evasive_share=evasive,
    )
    return Configuration(str(seed), settings)


def _tiny(seed: int) -> Configuration:
    """Return a chain of a second: three stores, three weeks, thieves that nobody could miss."""
    settings = WorldSettings(
        seed=seed,
        stores=3,
        weeks=3,
        intensity=2.0,
        transactions_per_store_day=60.0,
        cases_per_store_year=12.0,
        schemes=("void_then_no_sale", "late_line_void"),
    )
    return Configuration(str(seed), settings)


_SUITES = {
    "v1": (
        _eight_weeks(301, 16, 1.0),
        _eight_weeks(302, 8, 1.5),
        _eight_weeks(303, 24, 0.75, a_day=300.0),
        _eight_weeks(304, 12, 1.0, a_day=600.0, evasive=0.0),
        _eight_weeks(305, 20, 0.5),
        _eight_weeks(306, 10, 2.0, a_day=300.0, evasive=0.5),
        _eight_weeks(307, 30, 1.0, a_day=300.0),
        _eight_weeks(308, 14, 0.75, evasive=0.5),
        _eight_weeks(309, 18, 1.5),
        _eight_weeks(310, 9, 1.0, a_day=600.0),
        _eight_weeks(311, 22, 0.5, a_day=300.0, evasive=0.0),
        _eight_weeks(312, 13, 2.0),
    ),
    "development": (
        _eight_weeks(1, 20, 1.0),
        _eight_weeks(2, 14, 1.4),
        _eight_weeks(3, 28, 0.7),
        _eight_weeks(4, 18, 1.0),
        _eight_weeks(5, 24, 1.0),
    ),
    "tiny": (_tiny(7), _tiny(8)),
}
"""v1 is held out: nobody looks at its chains while the method is made. The other two are for that.

A suite never changes once results were published on it; another one gets another name.
"""
