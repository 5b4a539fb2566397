"""The suites: v1 is held out from all that a method was made on."""

import pytest

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.benchmark.suites import suite


def seeds(name: str) -> set[int]:
    return {one.settings.seed for one in suite(name)}


def test_v1_is_twelve_chains_that_nothing_was_made_on() -> None:
    assert seeds("v1") == set(range(301, 313))
    assert not seeds("v1") & (seeds("development") | seeds("tiny"))


def test_v1_spans_small_and_large_careful_and_reckless() -> None:
    settings = [one.settings for one in suite("v1")]
    assert {one.weeks for one in settings} == {8}
    assert (min(s.stores for s in settings), max(s.stores for s in settings)) == (8, 30)
    assert {one.intensity for one in settings} == {0.5, 0.75, 1.0, 1.5, 2.0}
    assert {one.evasive_share for one in settings} == {0.0, 0.25, 0.5}


@pytest.mark.parametrize("name", ["v1", "development", "tiny"])
def test_names_are_their_own(name: str) -> None:
    names = [one.name for one in suite(name)]
    assert len(set(names)) == len(names) >= 2


def test_an_unknown_suite_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refused, match="did you mean v1"):
        suite("v2")
