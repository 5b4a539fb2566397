"""The whole benchmark on a tiny suite: stopped, continued, and scored from a CSV as in memory."""

from pathlib import Path

import pytest
from tests.run.conftest import Stopped, written

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.benchmark.detect import detect, submitted
from shrinkwatch.run.benchmark.trial import DETECTORS, FOREST, MULTIPLE, OURS


def test_a_stopped_run_goes_on_with_what_is_missing(benchmark: Stopped) -> None:
    first = {"tiny-7-full.json", "tiny-7.answers.json"}
    assert set(benchmark.kept) == first
    now = written(benchmark.folder)
    assert {name: now[name] for name in first} == benchmark.kept
    assert "tiny-8-full.json" in now
    assert benchmark.told == [(0, 1), (1, 1)]


def test_a_run_again_changes_nothing(benchmark: Stopped) -> None:
    before = {path.name: path.read_bytes() for path in benchmark.folder.iterdir()}
    measured = detect("tiny", benchmark.folder, jobs=1)
    assert [(one.configuration, one.profile) for one in measured] == [("7", "full"), ("8", "full")]
    assert {path.name: path.read_bytes() for path in benchmark.folder.iterdir()} == before


def test_ours_and_both_rivals_are_measured_on_the_same_chain(benchmark: Stopped) -> None:
    for one in detect("tiny", benchmark.folder, jobs=1):
        assert tuple(one.detectors) == DETECTORS
        ours = one.detectors[OURS]
        assert ours.right > 0
        assert one.detectors[MULTIPLE].alerts > 0
        assert one.detectors[f"{FOREST}, cut"].alerts <= ours.alerts == len(one.alerts)
        assert {each.everyone.actors for each in one.detectors.values()} == {ours.everyone.actors}
        assert len(one.leads) >= ours.alerts


def test_alerts_from_a_csv_are_worth_what_they_were_worth_in_memory(benchmark: Stopped) -> None:
    ours = benchmark.folder / "tiny-full.alerts.csv"
    for one in submitted("tiny", benchmark.folder, ours, jobs=1):
        theirs, *_ = one.detectors
        assert theirs == "tiny-full.alerts"
        assert one.detectors[theirs] == one.detectors[OURS]


def test_a_chain_without_submitted_alerts_counts_as_one_with_none(
    benchmark: Stopped, tmp_path: Path
) -> None:
    lines = (benchmark.folder / "tiny-full.alerts.csv").read_text().splitlines()
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("\n".join(line for line in lines if not line.startswith("8,")) + "\n")
    seven, eight = submitted("tiny", benchmark.folder, theirs, jobs=1)
    assert seven.detectors["theirs"] == seven.detectors[OURS]
    assert (eight.detectors["theirs"].alerts, eight.detectors["theirs"].everyone.caught) == (0, 0)


def test_answers_that_are_not_kept_are_simulated_side_by_side(
    benchmark: Stopped, tmp_path: Path
) -> None:
    ours = benchmark.folder / "tiny-full.alerts.csv"
    known = submitted("tiny", benchmark.folder, ours, jobs=1)
    alone = submitted("tiny", tmp_path, ours, jobs=2)
    assert [list(one.detectors) for one in alone] == [[ours.stem], [ours.stem]]
    for one, beside in zip(alone, known, strict=True):
        assert one.detectors[ours.stem] == beside.detectors[ours.stem]
        assert one.transactions == beside.transactions


def test_a_bad_csv_is_refused_before_anything_is_written(
    benchmark: Stopped, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("alert\n1\n")
    before = written(benchmark.folder)
    with pytest.raises(Refused, match="is no table of alerts"):
        submitted("tiny", benchmark.folder, theirs, jobs=1)
    assert written(benchmark.folder) == before


def test_a_file_called_as_one_of_ours_is_refused(benchmark: Stopped, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="name the file otherwise"):
        submitted("tiny", benchmark.folder, tmp_path / "shrinkwatch.csv", jobs=1)


def test_an_unknown_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no suite is called"):
        detect("huge", tmp_path)
