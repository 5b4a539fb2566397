"""Means, intervals and calibration by hand."""

import dataclasses

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.run.benchmark.figures import Found, figures
from shrinkwatch.run.benchmark.results import Measured
from shrinkwatch.run.benchmark.summary import benchmark, calibration, interval, summary

from .one_store import answers, key, raised, theft


def measured(name: str, right: int, wrong: int, intensity: float = 1.0) -> Measured:
    """Return a chain with five thieves, of whom so many are found, and so many wrong alerts."""
    chain = answers(*(theft(n, f"T{n}") for n in range(5)))
    alerts = [raised(f"T{n}", [key(n)]) for n in range(right)]
    alerts += [raised(f"I{n}", [key(90 + n)]) for n in range(wrong)]
    settings = dataclasses.replace(chain.settings, intensity=intensity)
    return Measured(name, "full", settings, 100, "", {"ours": figures(alerts, chain)})


def test_an_interval_is_students_over_chains() -> None:
    found = interval([0.5, 0.75, 1.0])
    assert found is not None
    # standard deviation 0.25, three chains, Student's 97.5 % point at 2 degrees of freedom 4.3027
    assert (found.mean, found.high) == pytest.approx((0.75, 0.75 + 4.3027 * 0.25 / 3**0.5), 1e-4)
    assert found.high - found.mean == pytest.approx(found.mean - found.low)


def test_one_chain_has_no_interval_and_none_has_no_mean() -> None:
    one = interval([None, 0.5])
    assert one is not None
    assert (one.mean, one.low, one.high) == (0.5, None, None)
    assert interval([None]) is None


def test_precision_is_pooled_over_alerts_and_averaged_over_chains() -> None:
    whole = summary("full", [measured("a", 1, 0), measured("b", 1, 3), measured("c", 0, 0)])
    ours = whole.detectors["ours"]
    assert (ours.alerts, ours.right, ours.precision_pooled) == (5, 2, 0.4)
    assert ours.precision is not None
    assert ours.precision.mean == (1.0 + 0.25) / 2
    assert ours.staff == Found(15, 2, 15_000, 2_000)
    assert ours.wrong == {"nothing_known": 3}
    assert (whole.chains, whole.store_weeks, whole.transactions) == (3, 6, 300)


def test_recall_is_told_at_each_intensity() -> None:
    chains = [measured("a", 1, 0, 0.5), measured("b", 3, 1, 2.0), measured("c", 4, 0, 2.0)]
    ours = summary("full", chains).detectors["ours"]
    steps = {row.intensity: (row.chains, row.alerts, row.staff.caught) for row in ours.intensities}
    assert steps == {0.5: (1, 1, 1), 2.0: (2, 8, 7)}
    schemes = {(row.scheme, row.intensity): row.found.caught for row in ours.schemes}
    assert schemes == {("post_void", 0.5): 1, ("post_void", 2.0): 7}


def test_profiles_are_summed_up_apart() -> None:
    poor = msgspec.structs.replace(measured("a", 0, 2), profile="header_only")
    whole = benchmark("mine", [measured("a", 1, 0), poor])
    alerts = {one.profile: one.detectors["ours"].alerts for one in whole.profiles}
    assert alerts == {"full": 1, "header_only": 2}


def test_calibration_is_the_gap_between_said_and_was() -> None:
    leads = [(0.1, False), (0.15, True), (0.95, True), (1.0, True)]
    known = calibration(leads)
    assert [(row.from_, row.leads) for row in known.bins] == [(0.1, 2), (0.9, 2)]
    # half of the leads are 0.375 off (said 0.125, was 0.5), the others 0.025
    assert known.error == pytest.approx(0.5 * 0.375 + 0.5 * 0.025)
    assert calibration([]).error is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1))
def test_no_lead_is_lost_and_no_error_exceeds_one(leads: list[tuple[float, bool]]) -> None:
    known = calibration(leads)
    assert sum(row.leads for row in known.bins) == len(leads)
    assert known.error is not None
    assert 0 <= known.error <= 1
