"""docs/world.md: its example runs, and its table says what the files of the schemes say."""

import re
from pathlib import Path

import pytest

from shrinkwatch.world.chain import World
from shrinkwatch.world.profiles import PROFILES
from shrinkwatch.world.schemes import all_schemes

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "world.md"


def test_its_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    exec(compile(example, str(GUIDE), "exec"), {})
    assert (tmp_path / "chain" / "transactions.ndjson.zst").stat().st_size > 0


@pytest.mark.parametrize("name", all_schemes())
def test_its_table_has_every_scheme_with_its_frequency_and_amounts(name: str) -> None:
    scheme = all_schemes()[name]
    (row,) = (
        line for line in GUIDE.read_text().splitlines() if f"| {scheme.number} | {name} |" in line
    )
    often, worth = row.split("|")[4:6]
    assert f"{scheme.habit.shift_share:.0%}".replace("%", " %") in often
    if scheme.actor == "operator":
        assert f"{scheme.habit.per_shift}" in often
    assert f"{scheme.habit.least_minor:,}–{scheme.habit.most_minor:,}" in worth


def _honest_counterparts() -> dict[str, tuple[str, str]]:
    """Return the guide's table: scheme -> what is on the sheet, and the twin."""
    text = GUIDE.read_text().partition("| scheme | look-alikes on the sheet | honest twin |")[2]
    table = text.partition("\n\n")[0].splitlines()[2:]
    rows = ([cell.strip() for cell in line.strip("| ").split("|")] for line in table)
    return {scheme: (kinds, twin) for scheme, kinds, twin in rows}


def test_every_scheme_has_an_honest_counterpart(busy: World) -> None:
    told = _honest_counterparts()
    assert {name: (scheme.lookalikes, True) for name, scheme in all_schemes().items()} == {
        name: (tuple(re.findall(r"`(\w+)`", kinds)), bool(twin))
        for name, (kinds, twin) in told.items()
    }
    known = set(busy.lookalikes["kind"])
    assert all(set(scheme.lookalikes) <= known for scheme in all_schemes().values())


def test_every_kind_of_lookalike_is_explained(busy: World) -> None:
    text = GUIDE.read_text()
    kinds = {*busy.lookalikes["kind"], "growing_store", "new_store"}
    assert all(f"\n| {kind} | " in text for kind in kinds)


def test_every_profile_is_listed() -> None:
    text = GUIDE.read_text().partition("## Poorer feeds")[2]
    listed = re.findall(r"\n\| (\w+) \|", text)
    assert [name for name in listed if name != "profile"] == list(PROFILES)
