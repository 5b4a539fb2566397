"""docs/world.md: its example runs, and its table says what the files of the schemes say."""

import re
from pathlib import Path

import pytest

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
