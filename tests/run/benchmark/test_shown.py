"""The tables say what was counted, profile by profile, and all profiles together at the end."""

import io

import msgspec
from rich.console import Console

from shrinkwatch.run.benchmark.figures import figures
from shrinkwatch.run.benchmark.results import Measured
from shrinkwatch.run.benchmark.shown import show
from shrinkwatch.run.benchmark.summary import benchmark

from .one_store import answers, key, raised, theft


def measured(profile: str, found: int) -> Measured:
    """Return a chain with three thieves, of whom so many are found, and one wrong alert."""
    chain = answers(*(theft(n, f"T{n}", variant="evasive") for n in range(3)))
    alerts = [raised(f"T{n}", [key(n)], scheme="post_void") for n in range(found)]
    ours = figures([*alerts, raised("I", [key(9)])], chain)
    return Measured("1", profile, chain.settings, 1234, "", {"ours": ours}, ((0.5, True),))


def shown(*chains: Measured) -> list[list[str]]:
    """Return the words of each line."""
    file = io.StringIO()
    show(benchmark("mine", chains), Console(file=file, width=100))
    return [line.split() for line in file.getvalue().splitlines()]


def test_a_detector_is_one_row_with_what_it_found() -> None:
    lines = shown(measured("full", found=2))
    # three alerts in two store-weeks, two of them right, on two of three thieves
    assert ["ours", "3", "1.50", "0.67", "1.00", "0.67", "0.67"] in lines
    assert ["1", "1", "2", "of", "3", "2/3", "0.67", "2/3", "0.67"] in lines
    assert ["post_void", "2/3", "0.67"] in lines
    assert ["nothing", "known", "1"] in lines


def test_several_profiles_end_in_a_table_of_all() -> None:
    lines = shown(measured("full", found=2), measured("header_only", found=0))
    assert ["full", "3", "2", "0.67", "0.67", "0.67"] in lines
    assert ["header_only", "1", "0", "0.00", "0.00", "0.00"] in lines


def test_without_leads_nothing_is_said_of_calibration() -> None:
    silent = msgspec.structs.replace(measured("full", found=1), leads=())
    assert not any("calibration" in line for line in shown(silent))
