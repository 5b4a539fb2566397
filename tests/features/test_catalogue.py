"""The catalogue is the one place where features are named."""

from pathlib import Path

from shrinkwatch.features.catalogue import COLUMNS, FOLD, RING_COLUMNS, SMALL_SETS, schema
from shrinkwatch.features.declared import Rings
from shrinkwatch.records.batch import TRANSACTION_COLUMNS

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "features.md"


def test_every_name_is_used_once() -> None:
    names = [*TRANSACTION_COLUMNS, *(column.name for column in COLUMNS)]
    assert len(names) == len(set(names))
    assert list(schema()) == [column.name for column in COLUMNS]


def test_there_are_sixty_window_features_over_five_kinds_of_subject() -> None:
    windowed = {c.name for c in FOLD if c.name.endswith(("m", "h", "d")) and c.name[-2].isdigit()}
    assert len(windowed) >= 60
    assert len(RING_COLUMNS) >= 60
    assert len({name.split("_", maxsplit=1)[0] for name in windowed}) >= 5


def test_every_window_is_a_whole_number_of_its_hops() -> None:
    from shrinkwatch.features.catalogue import RINGS
    from shrinkwatch.features.declared import WINDOWS_S

    for declared in RINGS:
        assert isinstance(declared, Rings)
        assert all(WINDOWS_S[window] % hop == 0 for window, hop in declared.windows.items())


def test_every_column_has_a_sentence_and_the_guide_shows_it() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for column in COLUMNS:
        assert column.sentence
        assert f"| `{column.name}` | {column.unit} | {column.sentence} |" in guide
    assert set(SMALL_SETS) <= {column.name for column in COLUMNS}
