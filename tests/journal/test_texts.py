import polars as pl
import pytest

from shrinkwatch.journal.content import NULL, Words
from shrinkwatch.journal.texts import Coded, Listed

VALUES = ["tea", None, "tea", "salt"]


@pytest.mark.parametrize("times", [1, 100])
@pytest.mark.parametrize("made", [Listed, Coded.of])
def test_both_ways_to_keep_texts_say_the_same(made, times):
    values, words = VALUES * times, Words()
    texts = made(values)
    assert len(texts) == len(values)
    assert texts.series(pl.String).to_list() == values
    assert texts.series(pl.Enum(["salt", "tea"])).to_list() == values
    assert texts.present().tolist() == [True, False, True, True] * times
    assert texts.hashes(words).tolist() == [words["tea"], NULL, words["tea"], words["salt"]] * times
    coded = texts.coded()
    assert [coded.texts[code] for code in coded.codes.tolist()] == values


def test_each_different_text_is_kept_once():
    assert Coded.of(VALUES).texts == ["tea", None, "salt"]
