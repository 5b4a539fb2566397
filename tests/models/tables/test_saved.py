"""A model comes back from its folder as it was, or not at all."""

from pathlib import Path

import numpy as np
import pytest

from shrinkwatch.models.tables.calibration import Calibration
from shrinkwatch.models.tables.candidates import Bench, Forest, Sum
from shrinkwatch.models.tables.choice import Learned
from shrinkwatch.models.tables.columns import Category, Number, Schema, Table
from shrinkwatch.models.tables.profit import Profit
from shrinkwatch.models.tables.saved import read_back, save
from shrinkwatch.models.tables.trees import Shape
from shrinkwatch.records.trouble import Refused

SCHEMA = Schema((Number("a"), Number("b")), (Category("c", ("x", "y")),))
BLEND = (
    Sum(built=True, penalty="sparse", strength=1.0),
    Forest(built=True, shape=Shape(leaves=4, rate=0.1), rounds=10),
    Forest(built=False, shape=Shape(leaves=4, rate=0.1), rounds=20),
)


def rows(seed: int = 1) -> Table:
    drawn = np.random.default_rng(seed)
    numbers = drawn.normal(size=(200, 2))
    numbers[::7, 0] = np.nan
    return Table(numbers, drawn.integers(-1, 2, (200, 1)).astype(np.int32))


@pytest.fixture
def learned() -> Learned:
    table = rows()
    positive = np.nan_to_num(table.numbers[:, 0]) * table.numbers[:, 1] > 0.5
    bench = Bench(table, SCHEMA, positive, BLEND)
    return Learned(tuple(map(bench.fit, BLEND)), Calibration(0.25, 0.9))


@pytest.fixture
def folder(tmp_path: Path, learned: Learned) -> Path:
    keep(tmp_path / "model", learned)
    return tmp_path / "model"


def keep(folder: Path, learned: Learned) -> None:
    save(
        folder, learned, schema=SCHEMA, profit=Profit(), label="fraud", positive="1",
        report={}, code="0",
    )  # fmt: skip


def test_what_comes_back_predicts_to_the_last_bit(folder: Path, learned: Learned) -> None:
    manifest, again = read_back(folder)
    new = rows(2)
    assert again.probability(new).tobytes() == learned.probability(new).tobytes()
    assert manifest.schema == SCHEMA
    assert manifest.profit == Profit()


def test_nothing_is_pickled(folder: Path) -> None:
    for path in folder.iterdir():
        assert path.suffix in {".json", ".txt"}
        path.read_text(encoding="ascii")


@pytest.mark.parametrize("part", ["0-sum.json", "1-trees.txt", "1-built.json", "2-trees.txt"])
def test_a_changed_or_missing_part_is_refused_by_name(folder: Path, part: str) -> None:
    text = (folder / part).read_text()
    (folder / part).write_text(text + " ")
    with pytest.raises(Refused, match=f"{part} was changed"):
        read_back(folder)
    (folder / part).unlink()
    with pytest.raises(Refused, match=f"lacks its part {part}"):
        read_back(folder)


def test_a_manifest_that_names_a_file_elsewhere_is_refused(folder: Path) -> None:
    manifest = folder / "manifest.json"
    (folder.parent / "0-sum.json").write_text((folder / "0-sum.json").read_text())
    manifest.write_text(manifest.read_text().replace('"0-sum.json"', '"../0-sum.json"'))
    with pytest.raises(Refused, match="lacks its part"):
        read_back(folder)


def test_a_folder_without_a_model_is_refused_and_never_overwritten(
    tmp_path: Path, learned: Learned
) -> None:
    with pytest.raises(Refused, match="holds no model"):
        read_back(tmp_path)
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(Refused, match="holds something else"):
        keep(tmp_path, learned)


def test_a_damaged_manifest_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")
    with pytest.raises(Refused, match="cannot be read"):
        read_back(folder)
