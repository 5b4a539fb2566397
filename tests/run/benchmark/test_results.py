"""What was measured is found again while nothing has changed that decides it."""

import dataclasses
from pathlib import Path

import pytest

from shrinkwatch.run.benchmark.results import (
    CHAIN_CODE,
    MEASURE_CODE,
    Measured,
    Results,
    fingerprint,
)
from shrinkwatch.run.benchmark.suites import Configuration
from shrinkwatch.world.settings import WorldSettings

from .one_store import answers, theft

ONE = Configuration("1", WorldSettings(seed=1, stores=2))
OTHER = Configuration("1", dataclasses.replace(ONE.settings, seed=2))


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "kept", "mine")


def measured(fingerprint: str) -> Measured:
    return Measured("1", "full", ONE.settings, 100, fingerprint, {})


def test_what_was_kept_is_found(results: Results) -> None:
    assert results.find(ONE, "full") is None
    one = measured(results.fingerprint(ONE, "full"))
    results.keep(one)
    assert results.find(ONE, "full") == one
    assert results.find(ONE, "header_only") is None


def test_another_chain_or_another_code_is_measured_anew(results: Results) -> None:
    results.keep(measured(results.fingerprint(ONE, "full")))
    assert results.find(OTHER, "full") is None
    results.keep(measured("of other code"))
    assert results.find(ONE, "full") is None


def test_a_damaged_file_counts_as_none(results: Results) -> None:
    results.keep(measured(results.fingerprint(ONE, "full")))
    (kept,) = results.folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:50])
    assert results.find(ONE, "full") is None


def test_answers_are_of_one_chain(results: Results) -> None:
    known = answers(theft(1, "7"))
    results.keep_answers(ONE, known)
    assert results.answers(ONE) == known
    assert results.answers(OTHER) is None


def test_a_fingerprint_knows_its_code_settings_and_profile() -> None:
    marks = [
        fingerprint("code", ONE.settings, "full"),
        fingerprint("other code", ONE.settings, "full"),
        fingerprint("code", OTHER.settings, "full"),
        fingerprint("code", ONE.settings, "header_only"),
    ]
    assert len(set(marks)) == 4
    assert marks[0] == fingerprint("code", ONE.settings, "full")


def test_code_that_changes_meanwhile_counts_from_the_next_run_on(results: Results) -> None:
    results.keep(measured(results.fingerprint(ONE, "full")))
    assert Results(results.folder, "mine").find(ONE, "full") is not None
    changed = dataclasses.replace(results, measure_code="changed")
    assert changed.find(ONE, "full") is None


@pytest.mark.parametrize("place", [*MEASURE_CODE, *CHAIN_CODE])
def test_all_code_that_decides_is_there(place: str) -> None:
    assert (Path(__file__).parents[3] / "src" / "shrinkwatch" / place).exists()
