from contextlib import suppress

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.rules.condition import LONGEST, ConditionError, check, conjuncts, expression

KNOWN = {
    "type": pl.Enum(["sale", "return", "void"]),
    "role": pl.String,
    "training": pl.Boolean,
    "net_minor": pl.Int64,
    "operator_since_void_s": pl.Float64,
    "operator_voids_8h": pl.UInt32,
}


@pytest.mark.parametrize(
    "sql",
    [
        "type = 'void' AND net_minor < -1000",
        "type IN ('void', 'return') OR NOT training",
        "operator_since_void_s BETWEEN 0 AND 120",
        "COALESCE(operator_since_void_s, 1e9) > 900",
        "role IS NULL OR role <> 'manager'",
        "CASE WHEN training THEN FALSE ELSE net_minor % 100 = 0 END",
        "GREATEST(net_minor, 0) > 0.5 * ABS(net_minor)",
        "role LIKE 'super%'",
    ],
)
def test_conditions_about_one_row_are_taken(sql):
    assert check(sql, KNOWN, boolean=True) <= KNOWN.keys()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SUM(net_minor) > 3", "cannot use Agg"),
        ("COUNT(*) > 3", r"cannot|not a SQL"),
        ("net_minor > LAG(net_minor) OVER (PARTITION BY role)", "cannot use|not a SQL"),
        ("role LIKE '%a%b%'", "cannot use StringExpr"),
        ("UPPER(role) = 'X'", "cannot use StringExpr.Uppercase"),
        ("net_minor IN (SELECT net_minor FROM t)", "not a SQL expression"),
        ("read_csv('x') = 1", "not a SQL expression"),
        ("net_minor & 1 > 0 AND training XOR training", "cannot use the operator Xor"),
        ("training IS NOT TRUE", "COALESCE"),
        ("training AND", "not a SQL expression"),
    ],
)
def test_everything_else_is_refused(sql, says):
    with pytest.raises(ConditionError, match=says):
        check(sql, KNOWN, boolean=True)


def test_an_unknown_feature_is_named_with_the_nearest_known_one():
    with pytest.raises(ConditionError, match=r"'operator_void_8h'.*'operator_voids_8h'"):
        check("operator_void_8h > 1", KNOWN, boolean=True)


def test_a_word_that_the_column_never_holds_is_named_with_the_nearest():
    with pytest.raises(ConditionError, match=r"'vold'.*'void'"):
        check("type = 'vold'", KNOWN, boolean=True)
    with pytest.raises(ConditionError, match="type is never 'refund'"):
        check("type IN ('refund', 'void') AND role = 'clerk'", KNOWN, boolean=True)


def test_a_condition_must_answer_yes_or_no():
    with pytest.raises(ConditionError, match="yes or no"):
        check("net_minor + 1", KNOWN, boolean=True)


def test_a_measure_must_be_a_number():
    assert check("-net_minor * 0.5", KNOWN, boolean=False) == {"net_minor"}
    with pytest.raises(ConditionError, match="a number"):
        check("type", KNOWN, boolean=False)


def test_decimal_numbers_are_floats_and_words_with_points_stay():
    frame = pl.DataFrame({"x": [3], "s": ["1.5"]})
    assert frame.select(expression("x * 0.5")).item() == 1.5
    assert frame.select(expression("x * 0.5")).dtypes == [pl.Float64]
    assert frame.select(expression("s = '1.5'")).item() is True


def test_unknown_is_neither_yes_nor_no():
    frame = pl.DataFrame({"x": [None, 3]}, schema={"x": pl.Int64})
    assert frame.select(expression("x > 2")).to_series().to_list() == [None, True]


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("a AND b AND NOT c", 3),
        ("a AND (b OR c) AND a", 3),
        ("a OR b AND c", 1),
        ("NOT (a AND b)", 1),
    ],
)
def test_a_condition_holds_where_all_between_its_ands_hold(sql, parts):
    answers = (True, False, None)
    rows = pl.DataFrame(
        [(a, b, c) for a in answers for b in answers for c in answers], list("abc"), orient="row"
    )
    apart = conjuncts(expression(sql))
    assert len(apart) == parts
    together = pl.all_horizontal(part.fill_null(value=False) for part in apart)
    said = rows.select(whole=expression(sql).fill_null(value=False), apart=together)
    assert said["apart"].to_list() == said["whole"].to_list()


def test_a_comparison_that_makes_no_sense_is_refused():
    with pytest.raises(ConditionError, match="type"):
        check("ABS(type) > 1", KNOWN, boolean=True)


def test_a_condition_that_nobody_could_read_is_refused():
    with pytest.raises(ConditionError, match="longer than 2,000"):
        check("training" + " AND training" * LONGEST, KNOWN, boolean=True)


WORDS = (
    *("type", "role", "training", "net_minor", "(", ")", "AND", "OR", "NOT", "=", "<", "'sale'"),
    *("0.5", "1e400", "NULL", "IS", "IN", "BETWEEN", "CASE", "WHEN", "THEN", "END", "LIKE", "||"),
    *("::", "int", "OVER", "SUM", "[", "]", ";", "--", "/*", "$1", "?", "date", "SELECT", "'", "*"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=10))
@settings(deadline=None)
def test_whatever_is_written_is_taken_or_refused_but_never_breaks(words):
    text = " ".join(words)
    with suppress(ConditionError):
        assert check(text, KNOWN, boolean=True) <= KNOWN.keys()
